package housetest

import (
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"regexp"
	"strings"
	"testing"
)

var (
	inlineLink    = regexp.MustCompile(`\]\(\s*<?([^)\s>]+)>?(?:\s+["'(][^)]*)?\)`)
	referenceLink = regexp.MustCompile(`^ {0,3}\[[^\]^][^\]]*\]:\s*<?([^\s>]+)>?`)
	htmlLink      = regexp.MustCompile(`(?i)\b(?:href|src)\s*=\s*["']([^"']+)["']`)
	inlineCode    = regexp.MustCompile("``.+?``|`[^`]+`")
	fence         = regexp.MustCompile("^ {0,3}(`{3,}|~{3,})")
	heading       = regexp.MustCompile(`^ {0,3}#{1,6}\s+(.*?)\s*#*\s*$`)
	htmlAnchor    = regexp.MustCompile(`(?i)\b(?:id|name)\s*=\s*["']([^"']+)["']`)
	linkText      = regexp.MustCompile(`!?\[([^\]]*)\]\([^)]*\)`)
	notInAnchor   = regexp.MustCompile(`[^\p{L}\p{N}\p{M}_\- ]`)
)

// judgeLinks says which links of the Markdown files lead nowhere: to a file that
// is not there, or to a heading that the file does not have.
func judgeLinks(root fs.FS) ([]string, error) {
	var complaints []string
	err := walk(root, func(name string) error {
		if path.Ext(name) != ".md" {
			return nil
		}
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		for i, line := range prose(string(text)) {
			for _, target := range targets(line) {
				if why := judgeLink(root, name, target); why != "" {
					complaints = append(complaints, fmt.Sprintf("%s:%d: the link %s %s", name, i+1, target, why))
				}
			}
		}
		return nil
	})
	return complaints, err
}

// prose returns the lines of a Markdown text, with those inside code fences empty.
func prose(text string) []string {
	lines := strings.Split(text, "\n")
	open := ""
	for i, line := range lines {
		mark := ""
		if m := fence.FindStringSubmatch(line); m != nil {
			mark = m[1]
		}
		switch {
		case open == "" && mark != "":
			open, lines[i] = mark, ""
		case open != "":
			if strings.HasPrefix(mark, open) {
				open = ""
			}
			lines[i] = ""
		}
	}
	return lines
}

// targets finds what a line of prose links to.
func targets(line string) []string {
	line = inlineCode.ReplaceAllString(line, "")
	var found []string
	for _, pattern := range []*regexp.Regexp{inlineLink, referenceLink, htmlLink} {
		for _, m := range pattern.FindAllStringSubmatch(line, -1) {
			found = append(found, m[1])
		}
	}
	return found
}

// judgeLink says what is wrong with a link in the file from, or nothing.
// Links out of the repository are not followed.
func judgeLink(root fs.FS, from, target string) string {
	link, err := url.Parse(target)
	if err != nil {
		return "is not a URL"
	}
	if link.Scheme != "" || link.Host != "" {
		return ""
	}
	if strings.HasPrefix(link.Path, "/") {
		return "starts at a root that a checkout does not have; make it relative to the file"
	}
	name := from
	if link.Path != "" {
		name = path.Join(path.Dir(from), link.Path)
	}
	if !fs.ValidPath(name) {
		return "leaves the repository"
	}
	if _, err := fs.Stat(root, name); err != nil {
		return "leads to no file"
	}
	if link.Fragment == "" || path.Ext(name) != ".md" {
		return ""
	}
	text, err := fs.ReadFile(root, name)
	if err != nil {
		return "leads to a file that cannot be read"
	}
	if !anchors(string(text))[link.Fragment] {
		return "leads to no heading of " + name
	}
	return ""
}

// anchors are what GitHub lets one link to in a Markdown file: each heading in
// lower case, with hyphens for spaces and without punctuation, numbered from the
// second of the same text on; and ids given in HTML.
func anchors(text string) map[string]bool {
	found := map[string]bool{}
	seen := map[string]int{}
	for _, line := range prose(text) {
		for _, m := range htmlAnchor.FindAllStringSubmatch(line, -1) {
			found[m[1]] = true
		}
		m := heading.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		plain := linkText.ReplaceAllString(m[1], "$1")
		slug := strings.ReplaceAll(notInAnchor.ReplaceAllString(strings.ToLower(plain), ""), " ", "-")
		if n := seen[slug]; n > 0 {
			found[fmt.Sprintf("%s-%d", slug, n)] = true
		} else {
			found[slug] = true
		}
		seen[slug]++
	}
	return found
}

func TestMarkdownLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	complaints, err := judgeLinks(house())
	if err != nil {
		t.Fatal(err)
	}
	report(t, complaints)
}

func TestLinkRuleRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		text string // of docs/a.md
		want string
	}{
		{"a file beside it", "[b](b.md)", ""},
		{"a file above it", "[readme](../README.md)", ""},
		{"a folder", "[docs](../docs)", ""},
		{"a file with a title", `[b](b.md "B")`, ""},
		{"a heading", "[b](b.md#two-words)", ""},
		{"a heading with code and signs", "[b](b.md#sqltoo_long-why)", ""},
		{"a heading that is a link", "[b](b.md#see-this)", ""},
		{"the second heading of a name", "[b](b.md#two-words-1)", ""},
		{"an id", "[b](b.md#here)", ""},
		{"a heading of its own", "# Top\n[up](#top)", ""},
		{"an image", "![x](b.md)", ""},
		{"outside", "[x](https://example.org/gone) <mailto:a@example.org>", ""},
		{"in code", "`[x](gone.md)` and ``[`x`](gone.md)``", ""},
		{"in a fence", "```md\n[x](gone.md)\n```", ""},
		{"in a longer fence", "````\n```\n[x](gone.md)\n```\n````", ""},
		{"a reference", "[x][b]\n\n[b]: b.md", ""},
		{"a footnote", "[^1]: gone", ""},
		{"an escaped name", "[x](with%20space.md)", ""},
		{"a check box", "- [ ] (later)", ""},

		{"no file", "text\n[x](gone.md)", "docs/a.md:2: the link gone.md leads to no file"},
		{"no file, as an image", "![x](gone.png)", "leads to no file"},
		{"no file, as HTML", `<img src="gone.png">`, "leads to no file"},
		{"no file, as a reference", "[x][b]\n\n[b]: gone.md", "leads to no file"},
		{"no file, after a fence", "```\n```\n[x](gone.md)", "leads to no file"},
		{"one of two", "[b](b.md) [x](gone.md)", "leads to no file"},
		{"no heading", "[x](b.md#gone)", "leads to no heading of docs/b.md"},
		{"no third heading", "[x](b.md#two-words-2)", "leads to no heading"},
		{"a heading in a fence", "[x](b.md#no-heading)", "leads to no heading"},
		{"no heading of its own", "[x](#gone)", "leads to no heading of docs/a.md"},
		{"from the root", "[x](/docs/b.md)", "make it relative"},
		{"out of the repository", "[x](../../b.md)", "leaves the repository"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := judgeLinks(fakeFS(map[string]string{
				"README.md":          "# Read",
				"docs/a.md":          test.text,
				"docs/b.md":          "# Two words\n## Two words\n### `sql.too_long`: why?\n## See [this](a.md)\n<a id=\"here\"></a>\n```\n# No heading\n```\n",
				"docs/with space.md": "",
			}))
			if err != nil {
				t.Fatal(err)
			}
			wantComplaint(t, got, test.want)
		})
	}
}
