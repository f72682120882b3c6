/* SPDX-License-Identifier: GPL-2.0-or-later */
import java.io.FileInputStream;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** Java's own choice of a client certificate: Client ADDRESS PORT KEYSTORE.p12, TLS 1.2 or -Dversion. */
public class Client {
    static class TrustAll implements X509TrustManager {
        public void checkClientTrusted(X509Certificate[] chain, String type) { }
        public void checkServerTrusted(X509Certificate[] chain, String type) { }
        public X509Certificate[] getAcceptedIssuers() { return new X509Certificate[0]; }
    }

    public static void main(String[] args) throws Exception {
        char[] password = "test".toCharArray();
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(new FileInputStream(args[2]), password);
        KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
        keys.init(store, password);
        SSLContext context = SSLContext.getInstance(System.getProperty("version", "TLSv1.2"));
        context.init(keys.getKeyManagers(), new TrustManager[] { new TrustAll() }, null);
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory()
                .createSocket(args[0], Integer.parseInt(args[1]))) {
            socket.startHandshake();
            System.out.println("client: handshake done");
        } catch (java.io.IOException e) {
            System.out.println("client: " + e.getMessage());
        }
    }
}
