// Connects as a properties file says, and prints what the server answers: `java Connect FILE`.

import java.io.FileInputStream;
import java.sql.DriverManager;
import java.util.Properties;

class Connect {
    public static void main(String[] arguments) throws Exception {
        var properties = new Properties();
        try (var in = new FileInputStream(arguments[0])) {
            properties.load(in);
        }
        var url = (String) properties.remove("url");
        properties.setProperty("password", System.getenv("DB_PASSWORD"));
        try (var connection = DriverManager.getConnection(url, properties);
                var rows = connection.createStatement().executeQuery("SELECT 7")) {
            rows.next();
            System.out.println(rows.getInt(1));
        }
    }
}
