package event

// UserAgentClass is the kind of program that sent a request: one word of a
// fixed list, guessed from the User-Agent header. The header is whatever the
// client says it is, so the class is good for statistics and for nothing else.
type UserAgentClass string

// The classes, from the most to the least specific test. The zero value means
// that nothing was classified.
const (
	AgentNone    UserAgentClass = "none"    // no User-Agent header
	AgentMCP     UserAgentClass = "mcp"     // a Model Context Protocol client
	AgentBot     UserAgentClass = "bot"     // crawlers that say so
	AgentCurl    UserAgentClass = "curl"    // curl and libcurl
	AgentPython  UserAgentClass = "python"  // requests, httpx, aiohttp, urllib
	AgentGo      UserAgentClass = "go"      // Go's net/http
	AgentNode    UserAgentClass = "node"    // Node.js: fetch, undici, axios, got
	AgentBrowser UserAgentClass = "browser" // anything that begins with Mozilla/ or Opera/
	AgentOther   UserAgentClass = "other"   // everything else
)

// maxAgent bounds how much of the header is looked at, in bytes.
const maxAgent = 256

// agentMarks are tried in order; the first that occurs decides.
var agentMarks = []struct {
	mark   string
	prefix bool // only at the beginning
	class  UserAgentClass
}{
	{"mcp", false, AgentMCP},
	{"modelcontextprotocol", false, AgentMCP},
	{"bot", false, AgentBot},
	{"crawler", false, AgentBot},
	{"spider", false, AgentBot},
	{"slurp", false, AgentBot},
	{"curl/", true, AgentCurl},
	{"libcurl", true, AgentCurl},
	{"python", false, AgentPython},
	{"aiohttp", true, AgentPython},
	{"go-http-client", true, AgentGo},
	{"mozilla/", true, AgentBrowser},
	{"opera/", true, AgentBrowser},
	{"node", true, AgentNode},
	{"undici", true, AgentNode},
	{"axios/", true, AgentNode},
	{"got ", true, AgentNode},
}

// ClassifyUserAgent maps a User-Agent header to its class. It looks at the
// first 256 bytes only and allocates nothing.
func ClassifyUserAgent(header string) UserAgentClass {
	if header == "" {
		return AgentNone
	}
	if len(header) > maxAgent {
		header = header[:maxAgent]
	}
	for _, m := range agentMarks {
		if m.prefix && hasPrefixFold(header, m.mark) || !m.prefix && containsFold(header, m.mark) {
			return m.class
		}
	}
	return AgentOther
}

// hasPrefixFold compares without regard to the case of ASCII letters. The
// mark must be lower case.
func hasPrefixFold(s, mark string) bool {
	if len(s) < len(mark) {
		return false
	}
	for i := range len(mark) {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != mark[i] {
			return false
		}
	}
	return true
}

func containsFold(s, mark string) bool {
	for ; len(s) >= len(mark); s = s[1:] {
		if hasPrefixFold(s, mark) {
			return true
		}
	}
	return false
}
