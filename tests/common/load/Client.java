// Opens a new connection with TLS again and again, as client.py does, and prints the same. Of the
// servers it leaves out Redis and Valkey. The client's certificate and key are made a PKCS#12 file
// each time that they have changed: the drivers take nothing else. With TRUST_STORE in the
// environment, that file is what it trusts, and it comes to each server once.

import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.sql.DriverManager;
import java.util.Base64;
import java.util.Properties;

class Client {
    static volatile boolean ended = false;
    static Path made;
    static Path identity;

    static Path identity(Path here) throws Exception {
        if (here.equals(made)) {
            return identity;
        }
        var pem = Files.readString(here.resolve("client-key.pem")).replaceAll("-----[^-]*-----|\\s", "");
        var key = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(pem)));
        var certificate = Files.readAllBytes(here.resolve("client-cert.pem"));
        var chain = CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(certificate)).toArray(new Certificate[0]);
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("user", key, "changeit".toCharArray(), chain);
        var file = Files.createTempFile("client", ".p12");
        file.toFile().deleteOnExit();
        try (var out = Files.newOutputStream(file)) {
            store.store(out, "changeit".toCharArray());
        }
        made = here;
        identity = file;
        return file;
    }

    static void connect(String family, String port, String directory) throws Exception {
        var here = Path.of(directory).toRealPath();
        var ca = here.resolve("ca.pem").toString();
        var identity = identity(here).toString();
        var properties = new Properties();
        properties.setProperty("user", "app");
        properties.setProperty("password", System.getenv("DB_PASSWORD"));
        var trusted = System.getenv("TRUST_STORE");
        String url;
        if (family.equals("mysql")) {
            url = "jdbc:mariadb://localhost:" + port + "/";
            properties.setProperty("sslMode", "verify-full");
            properties.setProperty("connectTimeout", "60000");
            if (trusted == null) {
                properties.setProperty("serverSslCert", ca);
            } else {
                properties.setProperty("trustStore", trusted);
                properties.setProperty("trustStorePassword", "changeit");
            }
            properties.setProperty("keyStore", identity);
            properties.setProperty("keyStorePassword", "changeit");
        } else {
            url = "jdbc:postgresql://localhost:" + port + "/postgres";
            properties.setProperty("sslmode", "verify-full");
            properties.setProperty("connectTimeout", "60");
            if (trusted == null) {
                properties.setProperty("sslrootcert", ca);
                properties.setProperty("sslkey", identity);
                properties.setProperty("sslpassword", "changeit");
            } else {
                System.setProperty("javax.net.ssl.trustStore", trusted);
                System.setProperty("javax.net.ssl.trustStorePassword", "changeit");
                System.setProperty("javax.net.ssl.keyStore", identity);
                System.setProperty("javax.net.ssl.keyStorePassword", "changeit");
                properties.setProperty("sslfactory", "org.postgresql.ssl.DefaultJavaSSLFactory");
            }
        }
        try (var connection = DriverManager.getConnection(url, properties);
                var rows = connection.createStatement().executeQuery("SELECT 7")) {
            rows.next();
        }
    }

    public static void main(String[] arguments) throws Exception {
        var targets = Files.readAllLines(Path.of(arguments[0])).stream().map(line -> line.split("\\s+")).toList();
        var pause = (long) (1000 / Double.parseDouble(arguments[2]));
        var end = new Thread(() -> {
            try {
                while (System.in.read() >= 0) { }
            } catch (Exception error) {
                // as at the end
            }
            ended = true;
        });
        end.setDaemon(true);
        end.start();
        var once = System.getenv("TRUST_STORE") != null;
        for (int number = 0; once ? number < targets.size() : !ended; number++) {
            int target = number % targets.size();
            var family = targets.get(target)[0];
            if (family.equals("redis")) {
                continue;
            }
            long begin = System.currentTimeMillis();
            var outcome = new StringBuilder("ok");
            try {
                connect(family, targets.get(target)[1], arguments[1]);
            } catch (Throwable error) {
                outcome = new StringBuilder("fail");
                for (var cause = error; cause != null; cause = cause.getCause()) {
                    outcome.append(' ').append(cause);
                }
            }
            System.out.println(begin + " " + target + " " + outcome.toString().replaceAll("\\s+", " "));
            System.out.flush();
            Thread.sleep(Math.max(0, begin + pause - System.currentTimeMillis()));
        }
        System.exit(0);
    }
}
