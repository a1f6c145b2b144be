package bearer

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

const (
	// maxAnswer bounds a document of the issuer, in bytes.
	maxAnswer = 1 << 20
	// readTime bounds one reading: discovery and keys together.
	readTime = 10 * time.Second
)

// misconfigured is an answer of the issuer that no waiting repairs.
type misconfigured struct{ error }

// errStatus is an answer with another status than 200.
type errStatus struct{ code int }

func (e errStatus) Error() string {
	if e.code/100 == 3 {
		return fmt.Sprintf("answered %d; redirects are not followed", e.code)
	}
	return fmt.Sprintf("answered %d", e.code)
}

var errNotObject = errors.New("answered something else than a JSON object")

// source reads what an issuer publishes.
type source struct {
	issuer string
	hosts  internalHosts
	client *http.Client
}

func newSource(c Config) *source {
	client := &http.Client{}
	if c.HTTPClient != nil {
		*client = *c.HTTPClient
	} else {
		dialer := &net.Dialer{Timeout: 5 * time.Second}
		client.Transport = &http.Transport{
			Proxy:                  nil, // one of the environment would see and answer for the issuer
			DialContext:            dialer.DialContext,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: c.RootCAs},
			TLSHandshakeTimeout:    5 * time.Second,
			ResponseHeaderTimeout:  5 * time.Second,
			MaxResponseHeaderBytes: 64 << 10,
			DisableKeepAlives:      true, // minutes pass until the next reading
			DisableCompression:     true, // so that the bound is on what is read
			ForceAttemptHTTP2:      true,
		}
	}
	client.Jar = nil
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &source{issuer: c.Issuer, hosts: newInternalHosts(c.InternalHosts), client: client}
}

// get reads one document. Its errors say nothing of what was answered.
func (s *source) get(ctx context.Context, url string) (data []byte, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("%s: %w", url, err)
		}
	}()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept", "application/json, application/jwk-set+json")
	r.Header.Set("User-Agent", "sallyport")
	resp, err := s.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }() // only read
	if resp.StatusCode != http.StatusOK {
		return nil, errStatus{resp.StatusCode}
	}
	data, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxAnswer {
		return nil, fmt.Errorf("answered more than %d bytes", maxAnswer)
	}
	return data, nil
}

// discover finds where the issuer publishes its keys. The second address is
// asked only if nothing of use is at the first.
func (s *source) discover(ctx context.Context) (keysURL string, err error) {
	var errs []error
	for _, url := range discoveryURLs(s.issuer) {
		data, err := s.get(ctx, url)
		if err == nil {
			keysURL, err = s.metadata(data)
			if err == nil {
				return keysURL, nil
			}
			err = fmt.Errorf("%s: %w", url, err)
		}
		errs = append(errs, err)
		status, isStatus := errors.AsType[errStatus](err)
		if !errors.Is(err, errNotObject) && (!isStatus || status.code/100 != 4) {
			break
		}
	}
	return "", errors.Join(errs...)
}

// metadata takes the keys' address out of a discovery document (RFC 8414, section 2).
func (s *source) metadata(data []byte) (keysURL string, err error) {
	members, err := parseObject(data)
	if err != nil {
		return "", errNotObject // HTML, of a proxy or an application that answers every path
	}
	// RFC 8414, section 3.3: where it is not identical, nothing of it is used.
	if issuer, ok := stringMember(members, "issuer"); !ok || issuer != s.issuer {
		return "", misconfigured{fmt.Errorf("the discovery document is of the issuer %.200q; Config.Issuer is %q, and must be the same to the byte", issuer, s.issuer)}
	}
	keysURL, ok := stringMember(members, "jwks_uri")
	if !ok {
		return "", misconfigured{errors.New("the discovery document does not say where the keys are (jwks_uri)")}
	}
	hosts := s.hosts
	if s.issuer[:5] == "https" {
		hosts = nil // keys do not come by a weaker way than the document
	}
	if err := checkURL(keysURL, hosts); err != nil {
		return "", misconfigured{fmt.Errorf("the discovery document's jwks_uri %.200q: %w", keysURL, err)}
	}
	return keysURL, nil
}
