package apikey

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

const hashABC = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

// one is a file with one key, as an operator might write it by hand.
const one = `version: 1
keys:
  - name: nightly-report
    id: 7k3m9x2pqa
    hash: ` + hashABC + ` # a comment
    scopes: [query, upload]
    created: 2026-01-31T13:00:00+01:00
    expires: 2027-01-31T12:00:00Z
    disabled: true
`

func TestParse(t *testing.T) {
	t.Parallel()
	got, err := Parse([]byte(one))
	check(t, err)
	want := []Key{{
		Name: "nightly-report", ID: "7k3m9x2pqa", Hash: hashOf("abc"), Scopes: []Scope{Query, Upload},
		Created: now, Expires: time.Date(2027, 1, 31, 12, 0, 0, 0, time.UTC), Disabled: true,
	}}
	if !reflect.DeepEqual(got.Keys(), want) {
		t.Errorf("got  %+v\nwant %+v", got.Keys(), want)
	}
}

func TestParseTakesNumbersAsText(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"0123456789", "1234567890", "1e12345678", "0x12345678", "12345678e9"} {
		for _, name := range []string{"2026", "1e5", "0x1f", "true", "1.50"} {
			s := strings.NewReplacer("7k3m9x2pqa", id, "nightly-report", name).Replace(one)
			set, err := Parse([]byte(s))
			if err != nil {
				t.Errorf("%s, %s: %v", id, name, err)
				continue
			}
			if k, ok := set.Get(name); !ok || k.ID != id {
				t.Errorf("%s, %s: read as %+v", id, name, set.Keys())
			}
		}
	}
}

func TestParseEmpty(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "\n", "# nothing\n", "version: 1\n", "version: 1\nkeys: []\n", "version: 1\nkeys:\n"} {
		if set, err := Parse([]byte(s)); err != nil || set.Len() != 0 {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	replace := func(old, with string) string {
		s := strings.Replace(one, old, with, 1)
		if s == one {
			t.Fatalf("%q is not in the file", old)
		}
		return s
	}
	tests := []struct{ name, file, want string }{
		{"unknown member of the file", one + "defaults: {}\n", `[10:1] unknown field "defaults"`},
		{"unknown member of a key", replace("disabled", "disable"), `[9:5] unknown field "disable"`},
		{"case counts", replace("expires", "Expires"), `[8:5] unknown field "Expires"`},
		{"repeated member", replace("    created", "    id: 7k3m9x2pqb\n    created"), "[7:5]"},
		{"repeated top member", one + "version: 1\n", "[10:1]"},
		{"no version", replace("version: 1\n", ""), "version must be 1"},
		{"another version", replace("version: 1", "version: 2"), "version must be 1"},
		{"version as a list", replace("version: 1", "version: [1]"), "[1:10]"},
		{"bad hash", replace("sha256:ba", "sha256:BA"), "line 5: apikey: a hash is"},
		{"the key instead of its hash", replace(hashABC, "sp_0123456789_canary"), "line 5: apikey: a hash is"},
		{"no hash", replace("    hash: "+hashABC+" # a comment\n", ""), "line 3: apikey: key \"nightly-report\": there is no hash"},
		{"no id", replace("    id: 7k3m9x2pqa\n", ""), "line 3: apikey: key \"nightly-report\" has no id"},
		{"bad id", replace("7k3m9x2pqa", "7k3m9x2pqi"), "line 3"},
		{"no name", replace("name: nightly-report\n    ", ""), "line 3"},
		{"empty name", replace("nightly-report", `""`), "line 3"},
		{"null name", replace("nightly-report", "null"), "line 4"},
		{"name on several lines", replace("name: nightly-report", "name: |\n      nightly"), "[3:11] a plain value on one line"},
		{"name is a list", replace("nightly-report", "[a]"), "[3:11] a plain value on one line"},
		{"unknown scope", replace("upload", "everything"), `line 6: apikey: "everything" is no scope`},
		{"scope twice", replace("upload", "query"), "line 3"},
		{"no scopes", replace("[query, upload]", "[]"), "line 3"},
		{"scopes is a word", replace("[query, upload]", "query"), "[6:13]"},
		{"bad time", replace("2027-01-31T12:00:00Z", "tomorrow"), "line 8: apikey: expires is not a time"},
		{"empty time", replace("2027-01-31T12:00:00Z", `""`), "line 8: apikey: expires is empty"},
		{"expires before it was made", replace("2027-01-31", "2025-01-31"), "line 3"},
		{"disabled is neither", replace("true", "yes"), "line 9: apikey: disabled is true or false"},
		{"anchor", replace("nightly-report", "&a nightly-report"), "anchors, aliases and tags"},
		{"alias", replace("name: nightly-report", "name: &a x") + "  - name: *a\n", "anchors, aliases and tags"},
		{"merge", replace("name: nightly-report", "<<: {name: x}"), "anchors, aliases and tags"},
		{"second document", one + "---\nversion: 1\n", "more than one YAML document"},
		{"no mapping", "- a\n", "[1:1]"},
		{"null", "null\n", "[1:1]"},
		{"empty entry", "version: 1\nkeys:\n  -\n", "entry 1"},
		{"keys is a word", "version: 1\nkeys: a\n", "[2:7]"},
		{"no YAML", "version: [", "[1:10]"},
		{"the same name twice", one + strings.TrimPrefix(one, "version: 1\nkeys:\n"), "two keys named"},
		{"deep", "version: " + strings.Repeat("[", 1000), "line 1 is nested deeper"},
		{"deep over lines", "version:\n" + strings.Repeat(" [\n", 1000), "line 10 is nested deeper"},
		{"long line", one + "# " + strings.Repeat("x", maxLine), "line 10 is longer"},
		{"large", strings.Repeat("#\n", maxFile), "larger than"},
		{"binary", "\x00\x01\xff\xfe", "not UTF-8"},
		{"control characters", "\x00\x01", "apikey:"},
		{"tag", replace("[query, upload]", "!!seq [query]"), "anchors, aliases and tags"},
		{"tag without a value, on which the YAML package panics", replace("[query, upload]", "!0000\n    x"), "anchors, aliases and tags"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			set, err := Parse([]byte(tt.file))
			if err == nil {
				t.Fatalf("accepted as %+v", set.Keys())
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got  %v\nwant %s in it", err, tt.want)
			}
			if strings.Contains(err.Error(), "canary") || strings.Contains(err.Error(), "ba7816") {
				t.Errorf("the error quotes the file: %v", err)
			}
		})
	}
}

func TestParseReportsAllMistakesOfTheEntries(t *testing.T) {
	t.Parallel()
	_, err := Parse([]byte("version: 1\nkeys:\n  - name: a\n    id: 7k3m9x2pqa\n    hash: x\n    scopes: [y]\n  - name: b\n    expires: z\n"))
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"line 5: ", "line 6: ", "line 7: ", "line 8: "} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no mistake reported on %s\n%v", want, err)
		}
	}
}

// What is accepted says the same when it is written and read again.
func FuzzParse(f *testing.F) {
	f.Add([]byte(one))
	f.Add([]byte("version: 1\nkeys: []\n"))
	f.Add([]byte("version: 1\nkeys:\n  - {name: a, id: 0123456789, hash: " + hashABC + ", scopes: [query]}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		set, err := Parse(data)
		if err != nil {
			return
		}
		text, err := format(set)
		check(t, err)
		again, err := Parse(text)
		check(t, err)
		for i, k := range again.Keys() {
			was := set.Keys()[i]
			// The file has whole seconds.
			was.Created, was.Expires = was.Created.Truncate(time.Second), was.Expires.Truncate(time.Second)
			if !reflect.DeepEqual(k, was) {
				t.Errorf("got  %+v\nwant %+v", k, was)
			}
		}
	})
}
