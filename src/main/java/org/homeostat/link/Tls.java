package org.homeostat.link;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whom to trust and as whom to appear, from PEM files. Files that cannot serve are refused with an {@link
 * IllegalArgumentException} that names the file, what is wrong with it, and the command that mends it.
 *
 * @param context makes the encrypted connections
 * @param name the common name of the own certificate; null without one
 */
public record Tls(SSLContext context, @Nullable String name) {

    private static final Logger LOG = LoggerFactory.getLogger(Tls.class);

    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]*)-----END \\1-----");

    /** The names of the algorithms of keys that certificates have, as Java calls them. */
    private static final List<String> ALGORITHMS = List.of("RSA", "EC", "Ed25519");

    /**
     * Reads the files.
     *
     * @param authorities certificates of those whose signature is trusted; null for those that Java trusts
     * @param certificate the own certificate, and those between it and its authority; null for none
     * @param key its private key, as PKCS#8; null exactly if there is no certificate
     */
    public static Tls of(@Nullable Path authorities, @Nullable Path certificate, @Nullable Path key) {
        if ((certificate == null) != (key == null)) {
            throw new IllegalArgumentException(
                    certificate == null
                            ? "key " + key + ": a key is of no use without its certificate; name that too (cert=FILE)"
                            : "certificate " + certificate
                                    + ": it is of no use without its private key; name that too (key=FILE)");
        }
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            String name = null;
            KeyManager[] own = null;
            if (certificate != null && key != null) {
                List<X509Certificate> chain = certificates(certificate);
                own = own(chain, certificate, key);
                if (exposed(key)) {
                    LOG.warn("key {}: others may read it; make it its owner's alone: chmod 600 {}", key, key);
                }
                name = commonName(chain.getFirst(), certificate);
            }
            context.init(own, authorities == null ? null : trusted(authorities), new SecureRandom());
            return new Tls(context, name);
        } catch (GeneralSecurityException | IOException failed) {
            throw new IllegalArgumentException("this Java cannot prepare TLS (" + failed.getMessage() + ")", failed);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException missing) {
            throw new IllegalArgumentException(file + ": there is no such file; check the path", missing);
        } catch (AccessDeniedException denied) {
            throw new IllegalArgumentException(
                    file + ": this user may not read it; change its owner or its rights", denied);
        } catch (IOException unreadable) {
            throw new IllegalArgumentException(
                    file + ": it cannot be read (" + unreadable.getMessage() + "); name a PEM file", unreadable);
        }
    }

    private static List<X509Certificate> certificates(Path file) {
        String text = text(file);
        if (!text.contains("-----BEGIN CERTIFICATE-----")) {
            throw new IllegalArgumentException(file + ": no certificate in PEM is in it (-----BEGIN CERTIFICATE-----)"
                    + (text.contains("PRIVATE KEY-----")
                            ? ", but a key; are certificate and key mixed up?"
                            : "; one in DER is converted by: openssl x509 -inform DER -in " + file
                                    + " -out CERTIFICATE.pem"));
        }
        try {
            // Text before, between and after the blocks is passed over; some tools write some.
            StringBuilder blocks = new StringBuilder();
            Matcher matcher = BLOCK.matcher(text);
            while (matcher.find()) {
                if (matcher.group(1).equals("CERTIFICATE")) {
                    blocks.append(matcher.group()).append('\n');
                }
            }
            Collection<? extends Certificate> found = CertificateFactory.getInstance("X.509")
                    .generateCertificates(
                            new ByteArrayInputStream(blocks.toString().getBytes(StandardCharsets.ISO_8859_1)));
            List<X509Certificate> all = new ArrayList<>();
            for (Certificate each : found) {
                all.add((X509Certificate) each);
            }
            if (all.isEmpty()) {
                throw new CertificateException("nothing between BEGIN and END");
            }
            return all;
        } catch (CertificateException damaged) {
            throw new IllegalArgumentException(
                    file + ": a certificate in it is damaged (" + damaged.getMessage() + "); copy it once more",
                    damaged);
        }
    }

    private static TrustManager[] trusted(Path file) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        for (X509Certificate each : certificates(file)) {
            store.setCertificateEntry("ca-" + store.size(), each);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    private static KeyManager[] own(List<X509Certificate> chain, Path certificate, Path key)
            throws GeneralSecurityException, IOException {
        PrivateKey secret = key(key);
        if (!belong(chain.getFirst(), secret)) {
            throw new IllegalArgumentException("key " + key + " does not belong to certificate " + certificate
                    + "; name the key that was made with it (the first certificate of a file is the own one)");
        }
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        char[] inMemory = {};
        store.setKeyEntry("own", secret, inMemory, chain.toArray(Certificate[]::new));
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, inMemory);
        return factory.getKeyManagers();
    }

    private static PrivateKey key(Path file) throws GeneralSecurityException {
        String text = text(file);
        Matcher matcher = BLOCK.matcher(text);
        String mend = "openssl pkcs8 -topk8 -nocrypt -in " + file + " -out KEY.pem";
        while (matcher.find()) {
            switch (matcher.group(1)) {
                case "PRIVATE KEY" -> {
                    return decoded(file, Base64.getMimeDecoder().decode(matcher.group(2)));
                }
                case "RSA PRIVATE KEY", "EC PRIVATE KEY" ->
                    throw new IllegalArgumentException(
                            file + ": its key is in an older format than PKCS#8; convert it with: " + mend);
                case "ENCRYPTED PRIVATE KEY" ->
                    throw new IllegalArgumentException(file
                            + ": its key is encrypted, and nobody is there to give the password; keep it readable by"
                            + " its owner alone and unlock it with: " + mend);
                default -> {
                    // Parameters of a curve, or a certificate in the same file.
                }
            }
        }
        if (text.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----") || text.contains("Proc-Type: 4,ENCRYPTED")) {
            throw new IllegalArgumentException(file
                    + ": its key is encrypted, and nobody is there to give the password; keep it readable by its owner"
                    + " alone and unlock it with: " + mend);
        }
        throw new IllegalArgumentException(file + ": no private key in PEM is in it (-----BEGIN PRIVATE KEY-----)"
                + (text.contains("BEGIN CERTIFICATE")
                        ? ", but a certificate; are key and certificate mixed up?"
                        : "; one in DER is converted by: openssl pkey -inform DER -in " + file + " -out KEY.pem"));
    }

    private static PrivateKey decoded(Path file, byte[] bytes) throws GeneralSecurityException {
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(bytes));
            } catch (InvalidKeySpecException another) {
                // Of another algorithm, or of none.
            }
        }
        throw new IllegalArgumentException(
                file + ": its key is damaged or of a kind that is not known here; expected RSA, EC or Ed25519");
    }

    /** What the one signs the other must confirm. */
    private static boolean belong(X509Certificate certificate, PrivateKey key) throws GeneralSecurityException {
        String algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> "Ed25519";
        };
        byte[] probe = new byte[32];
        new SecureRandom().nextBytes(probe);
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(probe);
            byte[] signed = signature.sign();
            signature.initVerify(certificate.getPublicKey());
            signature.update(probe);
            return signature.verify(signed);
        } catch (InvalidKeyException | SignatureException different) {
            return false;
        }
    }

    private static String commonName(X509Certificate certificate, Path file) {
        String whole = certificate.getSubjectX500Principal().getName();
        try {
            for (Rdn part : new LdapName(whole).getRdns()) {
                if (part.getType().equalsIgnoreCase("CN")) {
                    return Broker.requireName(
                            String.valueOf(part.getValue()), "the common name of certificate " + file);
                }
            }
        } catch (InvalidNameException strange) {
            throw new IllegalArgumentException(file + ": its subject cannot be read: " + whole, strange);
        }
        throw new IllegalArgumentException(
                "certificate " + file
                        + ": it has no common name (CN), by which the broker knows us; have it made with one, such as -subj /CN=pi-3");
    }

    /** True where others than a private key's owner may read it. */
    static boolean exposed(Path key) {
        try {
            return Files.getPosixFilePermissions(key).stream()
                    .anyMatch(right -> right.name().equals("OTHERS_READ"));
        } catch (IOException | UnsupportedOperationException unknown) {
            return false;
        }
    }
}
