package ratelimit

import (
	"encoding/base64"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// item is one member of the lists of the draft: a String with parameters.
type item struct {
	name       string
	parameters map[string]any // int64, string or []byte
}

// parseField reads a List of Items (RFC 9651, section 4.2.1) whose bare items
// are Strings, and checks the parameters against draft-ietf-httpapi-
// ratelimit-headers-10, sections 3.1 and 4.1. It is strict where the RFC lets a
// parser be lenient: the package writes the canonical form.
func parseField(text string, required string) (items []item, err error) {
	p := &fieldParser{rest: text}
	for {
		it, err := p.item()
		if err != nil {
			return nil, fmt.Errorf("%w at %q", err, p.rest)
		}
		if _, ok := it.parameters[required].(int64); !ok {
			return nil, fmt.Errorf("%s has no integer %s", it.name, required)
		}
		for name, value := range it.parameters {
			switch v := value.(type) {
			case int64:
				if v < 0 || name == "w" && v == 0 || name == "qu" || name == "pk" {
					return nil, fmt.Errorf("%s=%d", name, v)
				}
			case string:
				if name != "qu" {
					return nil, fmt.Errorf("%s=%q", name, v)
				}
			case []byte:
				if name != "pk" {
					return nil, fmt.Errorf("%s=%x", name, v)
				}
			}
		}
		items = append(items, it)
		if p.rest == "" {
			return items, nil
		}
		if !p.skip(",") {
			return nil, fmt.Errorf("no comma at %q", p.rest)
		}
		p.rest = strings.TrimLeft(p.rest, " \t")
	}
}

type fieldParser struct{ rest string }

func (p *fieldParser) skip(prefix string) (ok bool) {
	p.rest, ok = strings.CutPrefix(p.rest, prefix)
	return ok
}

func (p *fieldParser) item() (item, error) {
	name, err := p.string()
	if err != nil {
		return item{}, err
	}
	it := item{name, map[string]any{}}
	for p.skip(";") {
		p.rest = strings.TrimLeft(p.rest, " ")
		key := p.while(func(c byte) bool {
			return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || strings.IndexByte("_-.*", c) >= 0
		})
		if key == "" || (key[0] < 'a' || key[0] > 'z') && key[0] != '*' {
			return item{}, errors.New("no key")
		}
		if _, ok := it.parameters[key]; ok {
			return item{}, errors.New("a key twice")
		}
		if !p.skip("=") {
			return item{}, errors.New("no value")
		}
		if it.parameters[key], err = p.value(); err != nil {
			return item{}, err
		}
	}
	return it, nil
}

func (p *fieldParser) value() (any, error) {
	switch {
	case strings.HasPrefix(p.rest, `"`):
		return p.string()
	case p.skip(":"):
		text := p.while(func(c byte) bool { return c != ':' })
		if !p.skip(":") {
			return nil, errors.New("no end of a Byte Sequence")
		}
		// Section 4.2.7: padding may be wrong.
		return base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
	}
	sign := ""
	if p.skip("-") {
		sign = "-"
	}
	digits := p.while(func(c byte) bool { return '0' <= c && c <= '9' })
	if len(digits) == 0 || len(digits) > 15 {
		return nil, errors.New("no Integer")
	}
	return strconv.ParseInt(sign+digits, 10, 64)
}

func (p *fieldParser) string() (string, error) {
	if !p.skip(`"`) {
		return "", errors.New("no String")
	}
	text := p.while(func(c byte) bool { return ' ' <= c && c <= '~' && c != '"' && c != '\\' }) // none of ours needs escapes
	if !p.skip(`"`) {
		return "", errors.New("no end of a String")
	}
	return text, nil
}

func (p *fieldParser) while(ok func(byte) bool) string {
	n := 0
	for n < len(p.rest) && ok(p.rest[n]) {
		n++
	}
	text := p.rest[:n]
	p.rest = p.rest[n:]
	return text
}

// The examples of draft-10, word for word.
func TestParserReadsTheDraftsExamples(t *testing.T) {
	t.Parallel()
	bytes := func(s string) []byte {
		b, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	tests := []struct {
		text, required string
		want           []item
	}{
		{`"burst";q=100;w=60,"daily";q=1000;w=86400`, "q", []item{
			{"burst", map[string]any{"q": int64(100), "w": int64(60)}}, {"daily", map[string]any{"q": int64(1000), "w": int64(86400)}},
		}},
		{`"default";q=100;w=10`, "q", []item{{"default", map[string]any{"q": int64(100), "w": int64(10)}}}},
		{`"permin";q=50;w=60,"perhr";q=1000;w=3600`, "q", []item{
			{"permin", map[string]any{"q": int64(50), "w": int64(60)}}, {"perhr", map[string]any{"q": int64(1000), "w": int64(3600)}},
		}},
		{`"peruser";q=100;w=60;pk=:cHsdsRa894==:`, "q", []item{
			{"peruser", map[string]any{"q": int64(100), "w": int64(60), "pk": []byte("\x70\x7b\x1d\xb1\x16\xbc\xf7")}},
		}},
		{`"default";r=50;t=30`, "r", []item{{"default", map[string]any{"r": int64(50), "t": int64(30)}}}},
		{`"default";r=999;pk=:dHJpYWwxMjEzMjM=:`, "r", []item{{"default", map[string]any{"r": int64(999), "pk": bytes("dHJpYWwxMjEzMjM=")}}}},
		{`"default";r=300000000;t=60;pk=:QXBwLTk5OQ==:`, "r", []item{
			{"default", map[string]any{"r": int64(300000000), "t": int64(60), "pk": bytes("QXBwLTk5OQ==")}},
		}},
		{`"problemPolicy";r=0;t=10`, "r", []item{{"problemPolicy", map[string]any{"r": int64(0), "t": int64(10)}}}},
	}
	for _, tt := range tests {
		got, err := parseField(tt.text, tt.required)
		if err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s\n got %v, %v\nwant %v", tt.text, got, err, tt.want)
		}
	}
	for _, text := range []string{
		``, `default;q=1`, `"default"`, `"default";w=60`, `"default";q=-1`, `"default";q=1;w=0`, `"default";q=1.5`, `"default";q="1"`,
		`"default";q=1000000000000000`, `"default";q=1,`, `"default";q=1 "b";q=1`, `"default;q=1`, `"a";Q=1`, `limit=1, remaining=2`, `100;w=60`,
		`"a";q=1;qu=3`, `"a";q=1;pk="x"`,
	} {
		if got, err := parseField(text, "q"); err == nil {
			t.Errorf("%s is read as %v", text, got)
		}
	}
}
