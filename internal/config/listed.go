package config

import (
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/sallyport-dev/sallyport/bearer"
	"github.com/sallyport-dev/sallyport/cors"
)

// checkNetwork says why a text is no network, and what is meant where that can be seen.
func checkNetwork(text string) (problem, fix string) {
	prefix, err := parseNetwork(text)
	switch {
	case err != nil || prefix.Addr().Zone() != "":
		return strconv.Quote(clip(text)) + " is not an address or network", ""
	case prefix != prefix.Masked():
		return strconv.Quote(text) + " is an address with the length of a network",
			"write " + prefix.Masked().String() + " for the network or " + prefix.Addr().String() + " for one address"
	}
	return "", ""
}

// parseNetwork takes an address for the network that holds it alone.
func parseNetwork(text string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	return netip.ParsePrefix(text)
}

// checkOrigin says what package cors has against an origin, whatever else is configured.
func checkOrigin(text string) (problem, fix string) {
	if text == "*" {
		return `"*" is not an origin`, "remove origins: without it every page may call, in the mode header"
	}
	_, err := cors.New(cors.Config{Mode: cors.Header, Origins: []string{text}, DangerouslyAllowInsecureOrigins: true})
	return corsProblem(err, "Origins")
}

// checkOwnOrigin is checkOrigin for the origins of this server.
func checkOwnOrigin(text string) (problem, fix string) {
	if text == "*" {
		return `"*" is not an origin`, "list the origins under which browsers reach this server"
	}
	_, err := cors.New(cors.Config{
		Mode: cors.Header, Origins: []string{"https://app.example.com"}, OwnOrigins: []string{text}, DangerouslyAllowInsecureOrigins: true,
	})
	return corsProblem(err, "OwnOrigins")
}

func corsProblem(err error, field string) (problem, fix string) {
	if err == nil {
		return "", ""
	}
	return cutFix(strings.TrimPrefix(err.Error(), "cors: "+field+": "))
}

// checkAlgorithm says what package bearer has against an algorithm.
func checkAlgorithm(text string) (problem, fix string) {
	return bearerProblem(bearer.Config{Algorithms: []string{text}}, "Algorithms")
}

// checkEmail says what package bearer has against an address or domain.
func checkEmail(text string) (problem, fix string) {
	return bearerProblem(bearer.Config{Emails: []string{text}}, "Emails")
}

// bearerProblem is what package bearer says of the one item in a field of c.
func bearerProblem(c bearer.Config, field string) (problem, fix string) {
	c.Issuer, c.Audience, c.DangerouslyNoLockout = "https://accounts.example.com", []string{"api"}, true
	err := c.Validate()
	if err == nil {
		return "", ""
	}
	return cutFix(strings.TrimPrefix(err.Error(), "bearer: Config."+field+" item 1: "))
}

var (
	hostForm = regexp.MustCompile(hostPattern)
	urlForm  = regexp.MustCompile(urlPattern)
)

// checkIssuer says why a text is no URL; what an issuer's URL must be beyond that is package bearer's to say.
func checkIssuer(text string) (problem, fix string) {
	scheme, _, found := strings.Cut(text, "://")
	u, err := url.Parse("https://" + text)
	switch {
	case !found && err == nil && u.User == nil && hostForm.MatchString(u.Hostname()):
		return "it is not a URL", "write https://" + clip(text)
	case !found:
		return "it is not a URL", ""
	case scheme != "https" && scheme != "http":
		return "it is not a URL that begins with https://", ""
	case !urlForm.MatchString(text):
		return "it has characters that a URL cannot have", ""
	}
	return "", ""
}

// quotedText is what somebody wrote, as it is repeated in a message.
var quotedText = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

// cutFix takes a message of a package, "problem; fix", apart. A semicolon in what is quoted divides nothing.
func cutFix(text string) (problem, fix string) {
	masked := quotedText.ReplaceAllStringFunc(text, func(quoted string) string { return strings.Repeat("_", len(quoted)) })
	if i := strings.Index(masked, "; "); i >= 0 {
		return text[:i], text[i+len("; "):]
	}
	return text, ""
}
