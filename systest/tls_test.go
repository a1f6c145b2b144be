//go:build linux

package systest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// certificate makes one for 127.0.0.1, with its key, and the pool that trusts
// it.
func certificate(t *testing.T) (certFile, keyFile string, trusted *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	trusted = x509.NewCertPool()
	trusted.AppendCertsFromPEM(certPEM)
	return writeFile(t, "cert.pem", string(certPEM)), writeFile(t, "key.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))), trusted
}

// Beyond this machine there is TLS, of a version that is not broken, and
// nothing else.
func TestTLS(t *testing.T) {
	t.Parallel()
	cert, key, trusted := certificate(t)
	s := configured(t, "listen: 0.0.0.0:0\ntls: {cert: "+cert+", key: "+key+"}\nsources:\n  data:\n    location: "+writeFile(t, "data.csv", "n\n1\n")+"\n")
	_, port, err := net.SplitHostPort(s.address)
	if err != nil {
		t.Fatal(err)
	}
	s.url, s.address = "https://127.0.0.1:"+port, "127.0.0.1:"+port
	for _, protocol := range []string{"HTTP/1.1", "HTTP/2.0"} {
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: protocol == "HTTP/2.0"}
		s.client = &http.Client{Transport: transport, Timeout: patience}
		if got := s.query(t, "SELECT n FROM data").rows(t); len(got) != 1 {
			t.Errorf("%s: %v", protocol, got)
		}
		s.client.CloseIdleConnections()
	}
	old := &tls.Dialer{Config: &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}}
	if conn, err := old.DialContext(t.Context(), "tcp", s.address); err == nil {
		_ = conn.Close()
		t.Error("TLS 1.1 is spoken")
	}
	plain := s.dial(t)
	say(plain, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
	if text, _ := hear(plain); !strings.HasPrefix(text, "HTTP/1.0 400 ") || strings.Contains(text, "ok\"") {
		t.Errorf("plain HTTP is answered %q", text)
	}
}
