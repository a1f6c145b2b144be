package clientip_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sallyport-dev/sallyport/clientip"
)

// The golden files are what an operator reads, indented.
func TestWhoami(t *testing.T) {
	t.Parallel()
	proxies := clientip.Config{Kind: clientip.Proxies, Trusted: cidrs("10.0.0.0/24")}
	tests := []struct {
		name string
		c    clientip.Config
		r    *http.Request
	}{
		{"direct", clientip.Config{Kind: clientip.Direct}, request(t, "[2001:db8:1:2::7]:1")},
		{"proxies", proxies, request(t, proxy, "X-Real-IP: 1.1.1.1", "X-Forwarded-For: 1.1.1.1", "X-Forwarded-For: 198.51.100.7, 10.0.0.2")},
		{"spoofed", proxies, request(t, stranger, "X-Forwarded-For: 10.0.0.1")},
		{"cloudflare-twice", clientip.Config{Kind: clientip.Cloudflare}, request(t, edge, "CF-Connecting-IP: "+workers)},
		{
			"forwarder",
			clientip.Config{Kind: clientip.Forwarder, Secrets: []string{oldSecret}},
			request(t, stranger, "X-Sallyport-Client: 198.51.100.7", "X-Sallyport-Forwarder: "+oldSecret),
		},
		{"no-address", clientip.Config{Kind: clientip.Direct}, request(t, "@")},
		{
			"hostile",
			clientip.Config{Kind: clientip.Direct},
			request(t, stranger, "X-Forwarded-For: <script>\"\xff\x01", "X-Forwarded-For: "+strings.Repeat("é", 200), "X-Forwarded-For: 3",
				"X-Forwarded-For: 4", "X-Forwarded-For: 5", "X-Sallyport-Forwarder: "+oldSecret),
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := httptest.NewRecorder()
			newResolver(t, tt.c).Whoami().ServeHTTP(w, tt.r)
			header := http.Header{"Content-Type": {"application/json"}, "Cache-Control": {"no-store"}, "X-Content-Type-Options": {"nosniff"}}
			if w.Code != http.StatusOK || !reflect.DeepEqual(w.Header(), header) {
				t.Errorf("got %d, %v", w.Code, w.Header())
			}
			want, err := os.ReadFile(filepath.Join("testdata", "whoami", tt.name+".json"))
			check(t, err)
			var got, wanted any
			check(t, json.Unmarshal(w.Body.Bytes(), &got))
			check(t, json.Unmarshal(want, &wanted))
			if !reflect.DeepEqual(got, wanted) {
				t.Errorf("got  %s\nwant %s", w.Body, want)
			}
			if !utf8.Valid(w.Body.Bytes()) || w.Body.Len() > 4<<10 || strings.Contains(w.Body.String(), oldSecret) {
				t.Errorf("not fit to be shown: %q", w.Body)
			}
		})
	}
}
