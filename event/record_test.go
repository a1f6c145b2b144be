package event_test

import (
	"context"
	"testing"

	"github.com/sallyport-dev/sallyport/event"
)

func TestFromContextOutsideRequest(t *testing.T) {
	t.Parallel()
	if _, ok := event.Lookup(t.Context()); ok {
		t.Fatal("Lookup found a record in an empty context")
	}
	a, b := event.FromContext(t.Context()), event.FromContext(t.Context())
	a.Key = "a"
	if b.Key != "" {
		t.Error("two callers outside a request share a record")
	}
}

func TestNewContext(t *testing.T) {
	t.Parallel()
	type other struct{}
	record := &event.Record{RequestID: "r1"}
	parent, cancel := context.WithCancel(context.WithValue(t.Context(), other{}, "kept"))
	ctx := event.NewContext(parent, record)
	child, cancelChild := context.WithCancel(ctx)
	defer cancelChild()

	if got := event.FromContext(child); got != record {
		t.Errorf("FromContext = %p, want %p", got, record)
	}
	if got := child.Value(other{}); got != "kept" {
		t.Errorf("another value = %v, want kept", got)
	}
	cancel()
	<-child.Done() // cancellation passes through our context type
	if child.Err() == nil {
		t.Error("the child's error is nil after its parent was cancelled")
	}
}

func TestNilRecordInContext(t *testing.T) {
	t.Parallel()
	ctx := event.NewContext(t.Context(), nil)
	if event.FromContext(ctx) == nil {
		t.Error("FromContext returned nil")
	}
}

func TestClassifyUserAgent(t *testing.T) {
	t.Parallel()
	long := make([]byte, 1<<20)
	for i := range long {
		long[i] = 'x'
	}
	tests := []struct {
		header string
		want   event.UserAgentClass
	}{
		{"", event.AgentNone},
		{"curl/8.14.1", event.AgentCurl},
		{"CURL/8", event.AgentCurl},
		{"python-requests/2.32.3", event.AgentPython},
		{"python-httpx/0.28.1", event.AgentPython},
		{"Python-urllib/3.13", event.AgentPython},
		{"Python/3.12 aiohttp/3.9.1", event.AgentPython},
		{"Go-http-client/1.1", event.AgentGo},
		{"Go-http-client/2.0", event.AgentGo},
		{"node", event.AgentNode},
		{"undici", event.AgentNode},
		{"node-fetch/1.0 (+https://github.com/bitinn/node-fetch)", event.AgentNode},
		{"axios/1.7.9", event.AgentNode},
		{"got (https://github.com/sindresorhus/got)", event.AgentNode},
		{"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", event.AgentBrowser},
		{"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", event.AgentBot},
		{"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2)", event.AgentBot},
		{"some-mcp-client/0.1", event.AgentMCP},
		{"Claude-MCP/1.0", event.AgentMCP},
		{"Wget/1.25.0", event.AgentOther},
		{"x", event.AgentOther},
		{string(long), event.AgentOther},
		{string(long) + "curl/8", event.AgentOther},
		{"\x00\xff", event.AgentOther},
	}
	for _, tt := range tests {
		if got := event.ClassifyUserAgent(tt.header); got != tt.want {
			t.Errorf("ClassifyUserAgent(%.60q) = %s, want %s", tt.header, got, tt.want)
		}
	}
}

func TestClassifyUserAgentAllocatesNothing(t *testing.T) {
	const header = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
	if n := testing.AllocsPerRun(100, func() { event.ClassifyUserAgent(header) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}
