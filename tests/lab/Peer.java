/* SPDX-License-Identifier: GPL-2.0-or-later */
import java.io.FileInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * JSSE in both roles:
 *   Peer server (PORT KEYSTORE.p12|none none|empty|CAS.pem CIPHER)...
 *   Peer client PORT KEYSTORE.p12|none CIPHER
 */
public class Peer {
    static class Trust implements X509TrustManager {
        final X509Certificate[] issuers;
        Trust(X509Certificate[] issuers) { this.issuers = issuers; }
        public void checkClientTrusted(X509Certificate[] chain, String type) { }
        public void checkServerTrusted(X509Certificate[] chain, String type) { }
        public X509Certificate[] getAcceptedIssuers() { return issuers; }
    }

    static SSLContext context(String keystore, String cas) throws Exception {
        KeyManagerFactory keys = null;
        if (!keystore.equals("none")) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(new FileInputStream(keystore), "test".toCharArray());
            keys = KeyManagerFactory.getInstance("SunX509");
            keys.init(store, "test".toCharArray());
        }
        List<X509Certificate> issuers = new ArrayList<>();
        if (cas.endsWith(".pem")) {
            for (Object each : CertificateFactory.getInstance("X.509")
                    .generateCertificates(new FileInputStream(cas))) {
                issuers.add((X509Certificate) each);
            }
        }
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys == null ? null : keys.getKeyManagers(),
            new TrustManager[] { new Trust(issuers.toArray(new X509Certificate[0])) }, null);
        return context;
    }

    static void serve(String port, String keystore, String cas, String cipher) throws Exception {
        SSLServerSocket listener = (SSLServerSocket) context(keystore, cas)
            .getServerSocketFactory().createServerSocket(Integer.parseInt(port));
        listener.setEnabledCipherSuites(new String[] { cipher });
        listener.setEnabledProtocols(new String[] { "TLSv1.3" });
        listener.setWantClientAuth(!cas.equals("none"));
        while (true) {
            SSLSocket socket = (SSLSocket) listener.accept();
            try (socket) {
                InputStream in = socket.getInputStream();
                while (in.read() != '\n') { }
                socket.getOutputStream().write("HTTP/1.0 200 OK\r\n\r\nhello\n".getBytes());
            } catch (Exception e) {
                System.out.println("server " + port + ": " + e);
            }
        }
    }

    static void call(String port, String keystore, String cipher) throws Exception {
        try (SSLSocket socket = (SSLSocket) context(keystore, "none").getSocketFactory()
                .createSocket("127.0.0.1", Integer.parseInt(port))) {
            socket.setEnabledCipherSuites(new String[] { cipher });
            socket.setEnabledProtocols(new String[] { "TLSv1.3" });
            socket.startHandshake();
            OutputStream out = socket.getOutputStream();
            out.write("GET / HTTP/1.0\r\n\r\n".getBytes());
            out.flush();
            while (socket.getInputStream().read() >= 0) { }
        } catch (java.io.IOException e) {
            System.out.println("client: " + e);
        }
    }

    public static void main(String[] args) throws Exception {
        if (args[0].equals("client")) {
            call(args[1], args[2], args[3]);
            return;
        }
        for (int i = 1; i + 3 < args.length; i += 4) {
            final int at = i;
            new Thread(() -> {
                try {
                    serve(args[at], args[at + 1], args[at + 2], args[at + 3]);
                } catch (Exception e) {
                    System.out.println("server: " + e);
                }
            }).start();
        }
    }
}
