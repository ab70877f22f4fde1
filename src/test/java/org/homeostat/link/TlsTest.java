package org.homeostat.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Certificates and keys as openssl makes them, good ones and others. */
class TlsTest {

    @TempDir
    Path folder;

    @BeforeEach
    void opensslIsThere() {
        boolean there;
        try {
            there = new ProcessBuilder("openssl", "version").start().waitFor() == 0;
        } catch (IOException missing) {
            there = false;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        assumeTrue(there, "No certificates can be made: openssl is not installed: apt-get install openssl");
    }

    private void openssl(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments));
        Process running = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(running.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(running.waitFor()).as("%s: %s", command, said).isZero();
    }

    private Path certificate(String name, String subject, String... kind) throws Exception {
        List<String> command = new ArrayList<>(List.of("req", "-x509", "-nodes", "-days", "30", "-newkey"));
        command.addAll(List.of(kind));
        command.addAll(List.of("-subj", subject, "-keyout", name + ".key", "-out", name + ".crt"));
        openssl(command.toArray(String[]::new));
        return folder.resolve(name + ".crt");
    }

    private Path key(String name) {
        return folder.resolve(name + ".key");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rsa:2048", "ec", "ed25519"})
    void keysOfEachKindServeAndTheCommonNameIsRead(String kind) throws Exception {
        Path own = certificate(
                "own",
                "/O=Lab/CN=pi-3",
                kind.equals("ec") ? new String[] {"ec", "-pkeyopt", "ec_paramgen_curve:P-256"} : new String[] {kind});
        assertThat(Tls.of(own, own, key("own")).name()).isEqualTo("pi-3");
        assertThat(Tls.of(own, null, null).name()).isNull();
        assertThat(Tls.of(null, null, null).context()).isNotNull();
    }

    private static void refused(Path authorities, Path certificate, Path key, String... parts) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tls.of(authorities, certificate, key))
                .satisfies(why -> {
                    System.out.println(why.getMessage());
                    for (String part : parts) {
                        assertThat(why).hasMessageContaining(part);
                    }
                });
    }

    @Test
    void filesThatCannotServeAreRefusedWithARemedy() throws Exception {
        Path own = certificate("own", "/CN=pi-3", "rsa:2048");
        Path other = certificate("other", "/CN=pi-4", "ec", "-pkeyopt", "ec_paramgen_curve:P-256");
        Path missing = folder.resolve("missing.crt");
        refused(missing, null, null, missing.toString(), "no such file");
        refused(null, own, missing, missing.toString(), "no such file");
        refused(null, own, null, "key=FILE");
        refused(null, null, key("own"), "cert=FILE");
        refused(null, own, key("other"), "does not belong to certificate");
        refused(null, other, key("own"), "does not belong to certificate");
        refused(null, key("own"), own, "mixed up");
        refused(null, own, own, "mixed up");
        Path text = Files.writeString(folder.resolve("text"), "hello\n");
        refused(text, null, null, "no certificate in PEM", "openssl x509 -inform DER");
        refused(null, own, text, "no private key in PEM", "openssl pkey -inform DER");
        refused(folder, null, null, "cannot be read");
        Path cut = Files.writeString(
                folder.resolve("cut"), Files.readString(own).replaceAll("(?s)\n[A-Za-z0-9+/].{200}", "\n"));
        refused(cut, null, null, "damaged");
        openssl("rsa", "-in", "own.key", "-traditional", "-out", "old.key");
        refused(null, own, key("old"), "older format than PKCS#8", "openssl pkcs8 -topk8 -nocrypt -in " + key("old"));
        openssl("ec", "-in", "other.key", "-out", "oldec.key");
        refused(null, other, key("oldec"), "older format than PKCS#8");
        openssl("pkcs8", "-topk8", "-in", "own.key", "-passout", "pass:secret", "-out", "locked.key");
        refused(null, own, key("locked"), "is encrypted", "openssl pkcs8");
        openssl("rsa", "-in", "own.key", "-aes128", "-passout", "pass:secret", "-traditional", "-out", "locked2.key");
        refused(null, own, key("locked2"), "openssl pkcs8 -topk8 -nocrypt");
        Path strange = Files.writeString(
                folder.resolve("strange.key"), "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
        refused(null, own, strange, "damaged or of a kind");
        certificate("nameless", "/O=Lab", "rsa:2048");
        refused(null, folder.resolve("nameless.crt"), key("nameless"), "no common name");
        certificate("spaced", "/CN=pi 3", "rsa:2048");
        refused(null, folder.resolve("spaced.crt"), key("spaced"), "'pi 3'", "letters, digits");
    }

    @Test
    void aKeyThatOthersMayReadIsNoticed() throws Exception {
        Path file = Files.writeString(folder.resolve("key"), "");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        assertThat(Tls.exposed(file)).isFalse();
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(Tls.exposed(file)).isTrue();
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> Tls.of(null, null, file));
    }
}
