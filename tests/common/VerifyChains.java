// Verifies chains with the CertPathValidator of the JDK: `java VerifyChains.java`. A line of
// stdin is DIRECTORY FILE HOST EKU; a line of stdout says ok, or what is wrong.

import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Set;

class VerifyChains {
    static X509Certificate read(Path path) throws Exception {
        try (var in = new FileInputStream(path.toFile())) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    static void verify(String[] words) throws Exception {
        var leaf = read(Path.of(words[0], words[1]));
        var ca = read(Path.of(words[0], "ca.pem"));
        var target = new X509CertSelector();
        target.setExtendedKeyUsage(Set.of(words[3]));
        target.setKeyUsage(new boolean[] {true}); // digitalSignature
        if (!words[2].equals("-")) {
            target.addSubjectAlternativeName(2, words[2]); // a dNSName
        }
        target.setBasicConstraints(-2); // no CA
        var parameters = new PKIXParameters(Set.of(new TrustAnchor(ca, null)));
        parameters.setRevocationEnabled(false);
        parameters.setTargetCertConstraints(target);
        var path = CertificateFactory.getInstance("X.509").generateCertPath(List.of(leaf));
        CertPathValidator.getInstance("PKIX").validate(path, parameters);
    }

    public static void main(String[] arguments) throws Exception {
        var in = new BufferedReader(new InputStreamReader(System.in));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            try {
                verify(line.split(" "));
                System.out.println("ok");
            } catch (Exception error) {
                System.out.println(error);
            }
        }
    }
}
