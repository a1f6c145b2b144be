package encode_test

import (
	"testing"

	"github.com/sallyport-dev/sallyport/internal/encode"
)

func TestCSVFormulaGuard(t *testing.T) {
	t.Parallel()
	guarded := encode.Options{CSVFormulaGuard: true}
	for in, want := range map[string]string{
		"":            `""`,
		"plain":       `"plain"`,
		"a;=1":        `"a;=1"`, // no cell of its own where a semicolon separates
		"=1+1":        `"'=1+1"`,
		"+1":          `"'+1"`,
		"-1":          `"'-1"`,
		"@SUM(1)":     `"'@SUM(1)"`,
		"\t=1":        "\"'\t=1\"",
		"\r=1":        "\"'\r=1\"",
		"\n=1":        "\"'\n=1\"",
		"\x00=1":      "\"'\x00=1\"",
		"  =1":        `"'  =1"`,
		"＝1":          `"'＝1"`,
		"＋1":          `"'＋1"`,
		"－1":          `"'－1"`,
		"＠1":          `"'＠1"`,
		`=CMD("x","y`: `"'=CMD(""x"",""y"`,
		"a=1":         `"a=1"`,
		"'=1":         `"'=1"`,
	} {
		if got := cellText(t, encode.CSV, textType, texts(in), guarded); got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
	for in, want := range map[string]string{"\xf8": `"'+A=="`, "\x00": `"AA=="`, "": `""`} {
		if got := cellText(t, encode.CSV, kindOf(encode.Blob), texts(in), guarded); got != want {
			t.Errorf("blob %q: got %s, want %s", in, got, want)
		}
	}
	member := unionOf(encode.Field{Name: "s", Type: textType})
	if got := cellText(t, encode.CSV, member, encode.Vector{Tags: []uint8{0}, Fields: []*encode.Vector{ptr(texts("=1"))}}, guarded); got != `"'=1"` {
		t.Errorf("union: got %s", got)
	}
	if got := cellText(t, encode.CSV, kindOf(encode.Int64), int64Of(-1), guarded); got != "-1" {
		t.Errorf("a number: got %s", got)
	}
	if got := cellText(t, encode.CSV, textType, only(texts("=1")), guarded); got != "" {
		t.Errorf("NULL: got %s", got)
	}
	if got := cellText(t, encode.CSV, textType, texts("=1"), encode.Options{}); got != "=1" {
		t.Errorf("off by default: got %s", got)
	}
	header := mustNew(t, encode.CSV, []encode.Column{{Name: "=1", Type: intType}}, guarded).Begin(nil)
	if string(header) != "\"'=1\"\r\n" {
		t.Errorf("header: got %q", header)
	}
}
