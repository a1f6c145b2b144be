package config

import (
	"fmt"
	"strings"
	"testing"
)

// problems loads a file and lists where and what is wrong, one in a line.
func problems(t *testing.T, text string, facts Facts) string {
	t.Helper()
	_, err := Load([]byte(text), fileVars, facts)
	var lines []string
	for _, e := range allOf(t, err) {
		lines = append(lines, fmt.Sprintf("%s %d: %s", e.Path, e.Line, e.Problem))
	}
	return strings.Join(lines, "\n")
}

// A bad item hides neither the others of its list nor those of other lists.
func TestEveryBadItemIsReported(t *testing.T) {
	t.Parallel()
	got := problems(t, minimal+`    tables:
    - a
    - null
    - ''
    - x*
    - 2024
    - A
    hidden_columns: [t.c, ok, 'd*']
cors: {origins: ['*', null, 'https://a.example.com/', 'https://a.example.com', b.example.com]}
topology: {kind: proxies, trusted: [10.0.0.1/8, x, 10.0.0.0/8, 10.0.0.0/33]}
access: {bearer: {issuer: 'https://id.example.com', audience: [api], emails: [ana, x@example.com, b@c@d], algorithms: [HS256, none, ES256]}}
`, Facts{})
	want := `sources.flights.tables 6: item 2 is null, not a name
sources.flights.tables 9: item 5 is 2024, not a name
cors.origins 12: "null" is the origin of every sandboxed frame, data: URL and local file, so of anybody
topology.trusted 13: "10.0.0.1/8" is an address with the length of a network
topology.trusted 13: "x" is not an address or network
topology.trusted 13: "10.0.0.0/33" is not an address or network
access.bearer.algorithms 14: "HS256" is not an algorithm that is accepted
access.bearer.algorithms 14: "none" is not an algorithm that is accepted
access.bearer.emails 14: "ana" is neither an address in ASCII nor a domain such as "@example.org"
access.bearer.emails 14: "b@c@d" is neither an address in ASCII nor a domain such as "@example.org"
cors.origins 12: "*" is not an origin
cors.origins 12: "https://a.example.com/" has a trailing slash, which is no part of an origin
cors.origins 12: "b.example.com" has no scheme
sources.flights.tables 5: "" is not the name of a table
sources.flights.tables 5: "x*" is not the name of a table
sources.flights.tables 5: "A" is there twice
sources.flights.hidden_columns 11: "t.c" is not the name of a column
sources.flights.hidden_columns 11: "d*" is not the name of a column`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// A long list of mistakes leaves room for those of other settings.
func TestBadItemsAreBounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("'x*', ", 200) + "'y*'"
	got := problems(t, minimal+"    tables: ["+long+"]\n    limits: {rows: 0}\n", withKey)
	if n := strings.Count(got, "sources.flights.tables"); n != mostFindings+1 || !strings.Contains(got, "191 more items of the list are wrong") {
		t.Errorf("%d mistakes:\n%s", n, got)
	}
	if !strings.Contains(got, "sources.flights.limits.rows") {
		t.Errorf("another setting's mistake is hidden:\n%s", got)
	}
	got = problems(t, minimal+"    tables: ["+strings.Repeat("1, ", 200)+"1]\n", withKey)
	if n := strings.Count(got, "\n"); n != mostFindings {
		t.Errorf("%d mistakes:\n%s", n+1, got)
	}
}

// What a variable should have held is missing once, and for one reason.
func TestUnsetVariablesAreOneMistakeEach(t *testing.T) {
	t.Parallel()
	_, err := Load([]byte(`sources: {s: {location: "${NO1}/x"}}
topology: {kind: forwarder, secrets: ["${NO2}", "${NO3}"]}
limits: {store: "rediss://:${NO4}@redis.example.com"}
access: {keys: "${NO5}"}
`), nil, Facts{})
	all := allOf(t, err)
	if len(all) != 5 {
		t.Errorf("%d mistakes, want 5: %v", len(all), err)
	}
	for _, e := range all {
		secret := e.Path == "topology.secrets" || e.Path == "limits.store"
		if !strings.Contains(e.Problem, "is not set") || strings.Contains(e.Fix, "write the value here") == secret {
			t.Errorf("%v", e)
		}
	}
}

// A mistake about a setting that the file does not give stands at the one that makes it one.
func TestMistakesStandWhereTheReasonIs(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"topology:\n  kind: proxies\n":                                                "topology.trusted 5: topology.trusted and topology.hops are both missing",
		"topology:\n  kind: forwarder\n":                                              "topology.secrets 5: it is empty, so that nobody could be the forwarder",
		"cors:\n  mode: cookies\n":                                                    "cors.origins 5: it is empty",
		"cors:\n  max_age: 1s\n  own_origins: ['https://a.example.com']\n":            "cors.own_origins 6: it has no effect where any origin may call",
		"access:\n  lockout:\n    pause: 24h\n    failures: 1000\n":                   "access.lockout.failures 7: access.lockout.failures and access.lockout.pause: 1000 failures would be remembered for more than 30 days",
		"operator:\n  dangerously_expose: true\n":                                     "operator.dangerously_expose 5: it is true, but operator.listen is not beyond this machine, so that it exposes nothing",
		"limits:\n  per_asn:\n    rate: 1/day\n":                                      "limits.per_asn.rate 6: there is no limits.per_asn.database, so that it limits nothing",
		"access:\n  bearer:\n    audience: [a]\n":                                     "access.bearer.issuer 6: there are settings for tokens, but no issuer",
		"access:\n  bearer:\n    issuer: https://id.example.com\n    scopes: [q]\n":   "access.bearer.audience 6: it is empty, so a token for any other service would open this one",
		"access:\n  bearer:\n    issuer: https://id.example.com\n    audience: [a]\n": "access.bearer.subjects 6: nothing says whom the issuer's tokens let in",
		"topology: {kind: proxies, trusted: [10.0.0.1], hops: 1}\n":                   "topology.trusted 4: topology.trusted and topology.hops are both set",
		"topology: {kind: proxies, trusted: [0.0.0.0/0]}\n":                           "topology.trusted 4: 0.0.0.0/0 is wider than /8 for IPv4 or /16 for IPv6, which would believe nearly everybody",
		"cors: {origins: ['http://Origins.example.com']}\n":                           `cors.origins 4: "http://Origins.example.com" has upper case in its host`,
		"cors: {origins: ['https://a.example.com; Origins']}\n":                       `cors.origins 4: "https://a.example.com; Origins" has white space or a comma`,
		"cors: {origins: ['http://a.example.com', 'http://b.example.com/']}\n":        `cors.origins 4: "http://b.example.com/" has a trailing slash, which is no part of an origin`,
	} {
		facts := Facts{EnvKey: !strings.Contains(text, "bearer")}
		if got := problems(t, minimal+text, facts); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", text, got, want)
		}
	}
}

// Every message of a package is about settings: no field's name is left.
func TestMessagesNameSettingsNotFields(t *testing.T) {
	t.Parallel()
	for _, test := range allCases() {
		_, err := Load([]byte(test.yaml), fileVars, test.facts)
		for _, e := range allOf(t, err) {
			said := quotedText.ReplaceAllString(e.Problem+"; "+e.Fix, "")
			for _, field := range []string{"Config", "Origins", "Subjects", "Emails", "Trusted", "Hops", "Dangerously", "PrivateNetwork", "Secrets", "Failures"} {
				if strings.Contains(said, field) {
					t.Errorf("%s: %s in %s", test.name, field, said)
				}
			}
			for _, start := range []string{"and ", "is ", "has ", "are ", ": "} {
				if strings.HasPrefix(e.Problem, start) {
					t.Errorf("%s: %q is no sentence", test.name, e.Problem)
				}
			}
		}
	}
}
