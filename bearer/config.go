package bearer

import (
	"crypto/x509"
	"log/slog"
	"net/http"
	"net/netip"
	"time"
)

// Config configures a [Verifier]. Issuer, Audience, and Client or
// DangerouslyNoLockout are required.
type Config struct {
	// Issuer is the URL of the issuer, exactly as it stands in its tokens (iss)
	// and in its discovery document, a final slash included: https, or http for
	// a host of InternalHosts; no query, no fragment (OpenID Connect Discovery
	// 1.0, section 3). At most 1000 bytes.
	Issuer string
	// Audience are the names of this service at the issuer. A token must carry
	// one of them (aud; RFC 7519, section 4.1.3). Required, at most 64.
	Audience []string
	// Algorithms is the allowlist of signature algorithms (RFC 7518, section 3.1,
	// and RFC 8037): RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384,
	// ES512, EdDSA. Empty means RS256 and ES256, which nearly every issuer uses.
	Algorithms []string

	// Subjects and Emails are who may come in: a token must speak for a user who
	// is on one of the lists. Where both are empty, see DangerouslyAnySubject.
	//
	// Subjects are values of sub, compared exactly.
	Subjects []string
	// Emails are addresses ("ana@example.com") and domains ("@example.org",
	// without its subdomains), in ASCII. An address of a token counts only where
	// its email_verified is true. The domain is compared without regard to case,
	// the part before the @ exactly (RFC 5321, section 2.4): write it as the
	// issuer does.
	Emails []string
	// DangerouslyAnySubject lets in everybody to whom the issuer gives a token
	// for the audience. With a public issuer that is the whole world. Without it
	// and without Subjects and Emails, [Verifier.Require] needs a scope that is
	// not among those that everybody has. Not together with Subjects or Emails.
	DangerouslyAnySubject bool
	// Clients are the programs that tokens may have been given to: values of azp
	// (OpenID Connect Core 1.0, section 2) or client_id (RFC 9068, section 2.2).
	// Where a token has both, both must be listed. Empty means any.
	Clients []string

	// Skew is how far the clocks of the issuer and this server may differ, for
	// exp, nbf and iat: at most 5 minutes. Zero means 30 s.
	Skew time.Duration
	// MaxLifetime, if not zero, refuses tokens whose exp is later than that after
	// their iat, and those without iat. At least a minute.
	MaxLifetime time.Duration

	// HTTPClient reads the discovery document and the keys. Nil means one of our
	// own: TLS 1.2 or later, no proxy of the environment, bounded times. Of a
	// given one the Transport is used as it is. With either, redirects are not
	// followed, answers have at most 1 MiB, and each reading ends within 10 s.
	HTTPClient *http.Client
	// RootCAs are the authorities that vouch for the issuer's certificates. Nil
	// means those of the system. Not together with HTTPClient.
	RootCAs *x509.CertPool
	// InternalHosts are names or addresses of hosts, without port, that may be
	// reached by http. This machine (localhost, 127.0.0.0/8, ::1) is always one.
	InternalHosts []string
	// Refresh is the time after which the keys are read again, from 1 minute to
	// 24 hours. Zero means 15 minutes.
	Refresh time.Duration
	// MinRefresh is the time in which a token with an unknown key causes at most
	// one reading, from 1 s to Refresh. Zero means 30 s.
	MinRefresh time.Duration

	// Client says whom a failed attempt is counted against: the address that
	// package clientip found, where there is a proxy.
	Client func(*http.Request) netip.Addr
	// Lockout says how many failed attempts are too many.
	Lockout Lockout
	// DangerouslyNoLockout counts no failed attempts. Without it Client is
	// required.
	DangerouslyNoLockout bool

	// Realm names the protected space in challenges: 1 to 64 letters, digits
	// and . _ -. Empty means "api".
	Realm string
	// ResourceMetadata, if not empty, is sent in challenges as resource_metadata:
	// the https URL of the metadata of this service (RFC 9728, section 5.1).
	ResourceMetadata string

	// Logger is told what became of reading keys; nil is slog.Default().
	Logger *slog.Logger
	// Now is the clock that tokens are judged by; nil is time.Now.
	Now func() time.Time
}

// Lockout says how many failed attempts lock a client out. The zero value is 5
// failures and a pause of 1 minute.
type Lockout struct {
	// Failures is after how many failed attempts a client is locked, from 1 to
	// 1000. Zero means 5.
	Failures int
	// Pause is the time after which a locked client has one attempt again, from
	// 1 s to 24 hours. Zero means 1 minute.
	Pause time.Duration
}

// The bounds and defaults of a [Config].
const (
	maxURL            = 1000
	maxAudience       = 64
	maxList           = 100_000
	maxSkew           = 5 * time.Minute
	defaultSkew       = 30 * time.Second
	defaultRefresh    = 15 * time.Minute
	defaultMinRefresh = 30 * time.Second
	defaultRealm      = "api"
	minRefresh        = time.Minute
	maxRefresh        = 24 * time.Hour
	minMinRefresh     = time.Second
	minLifetime       = time.Minute
)

// withDefaults fills in what zero means.
func (c Config) withDefaults() Config {
	if len(c.Algorithms) == 0 {
		c.Algorithms = []string{"RS256", "ES256"}
	}
	if c.Skew == 0 {
		c.Skew = defaultSkew
	}
	if c.Refresh == 0 {
		c.Refresh = defaultRefresh
	}
	if c.MinRefresh == 0 {
		c.MinRefresh = min(defaultMinRefresh, c.Refresh)
	}
	if c.Realm == "" {
		c.Realm = defaultRealm
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}
