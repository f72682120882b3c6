// SPDX-License-Identifier: GPL-2.0-or-later
// Node's tls in both roles.
//   peer.js server (PORT CERT KEY none|empty|CAS.pem CIPHER)...
//   peer.js client PORT CERT|none KEY CIPHER
"use strict";
const fs = require("fs");
const tls = require("tls");

function log(line) {
    if (process.env.SSLKEYLOGFILE) {
        fs.appendFileSync(process.env.SSLKEYLOGFILE, line);
    }
}

function blocks(path) {
    return fs.readFileSync(path, "latin1").split(/(?<=-----END CERTIFICATE-----\n)/)
        .filter((block) => block.includes("BEGIN"));
}

function serve(port, cert, key, cas, ciphers) {
    const options = { cert: fs.readFileSync(cert), key: fs.readFileSync(key), ciphers,
        minVersion: "TLSv1.3", requestCert: cas !== "none", rejectUnauthorized: false };
    if (cas.endsWith(".pem")) {
        options.ca = blocks(cas);
    } else {
        options.ca = [];
    }
    const server = tls.createServer(options, (socket) => {
        socket.once("data", () => socket.end("HTTP/1.0 200 OK\r\n\r\nhello\n"));
        socket.on("error", () => { });
    });
    server.on("keylog", log);
    server.on("tlsClientError", (e) => console.log("server:", e.message));
    server.listen(Number(port), "127.0.0.1");
}

function call(port, cert, key, ciphers) {
    const options = { port: Number(port), host: "127.0.0.1", servername: "www.example.at", ciphers,
        minVersion: "TLSv1.3", rejectUnauthorized: false };
    if (cert !== "none") {
        options.cert = fs.readFileSync(cert);
        options.key = fs.readFileSync(key);
    }
    const socket = tls.connect(options, () => socket.write("GET / HTTP/1.0\r\n\r\n"));
    socket.on("keylog", log);
    socket.on("data", () => { });
    socket.on("error", (e) => console.log("client:", e.message));
}

const args = process.argv.slice(2);
if (args[0] === "client") {
    call(...args.slice(1));
} else {
    for (let i = 1; i + 4 < args.length; i += 5) {
        serve(...args.slice(i, i + 5));
    }
}
