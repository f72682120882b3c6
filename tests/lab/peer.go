// SPDX-License-Identifier: GPL-2.0-or-later

// Go's crypto/tls in both roles. Go chooses the suite of TLS 1.3 by itself, so a test asks for
// one through its peer.
//
//	peer server (PORT CERT KEY none|empty|CAS.pem)...
//	peer client PORT CERT|none KEY
package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"os"
)

func keyLog() io.Writer {
	path := os.Getenv("SSLKEYLOGFILE")
	if path == "" {
		return nil
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0600)
	if err != nil {
		panic(err)
	}
	return file
}

func answer(conn net.Conn) {
	defer conn.Close()
	if _, err := bufio.NewReader(conn).ReadString('\n'); err != nil {
		fmt.Println("server:", err)
		return
	}
	io.WriteString(conn, "HTTP/1.0 200 OK\r\n\r\nhello\n")
}

func serve(port, cert, key, cas string) {
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		panic(err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{pair}, KeyLogWriter: keyLog(),
		MinVersion: tls.VersionTLS13}
	if cas != "none" {
		config.ClientAuth = tls.RequestClientCert
	}
	if cas != "none" && cas != "empty" {
		text, _ := os.ReadFile(cas)
		config.ClientCAs = x509.NewCertPool()
		config.ClientCAs.AppendCertsFromPEM(text)
	}
	listener, err := tls.Listen("tcp", "127.0.0.1:"+port, config)
	if err != nil {
		panic(err)
	}
	for {
		conn, err := listener.Accept()
		if err == nil {
			go answer(conn)
		}
	}
}

func call(port, cert, key string) {
	config := &tls.Config{InsecureSkipVerify: true, ServerName: "www.example.at",
		KeyLogWriter: keyLog(), MinVersion: tls.VersionTLS13}
	if cert != "none" {
		pair, err := tls.LoadX509KeyPair(cert, key)
		if err != nil {
			panic(err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	conn, err := tls.Dial("tcp", "127.0.0.1:"+port, config)
	if err != nil {
		fmt.Println("client:", err)
		return
	}
	defer conn.Close()
	io.WriteString(conn, "GET / HTTP/1.0\r\n\r\n")
	io.Copy(io.Discard, conn)
}

func main() {
	args := os.Args
	if args[1] == "client" {
		call(args[2], args[3], args[4])
		return
	}
	for i := 2; i+3 < len(args); i += 4 {
		go serve(args[i], args[i+1], args[i+2], args[i+3])
	}
	select {}
}
