package httpapi

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

const allMembers = memberSQL | memberSource | memberParams | memberFormat | memberCSVFormulas | memberEndMarker

// sameAsReference judges a body by both decoders, as for both routes.
func sameAsReference(t *testing.T, body []byte) {
	t.Helper()
	for allowed, names := range map[member][]string{allMembers: {"sql", "source", "params", "format", "csv_formulas", "end_marker"}, memberSQL | memberSource: {"sql", "source"}} {
		got, err := decodeStatement(body, allowed)
		want, wantErr := referenceStatement(body, names...)
		if (err == nil) != (wantErr == nil) {
			t.Errorf("%.300q: error %v, want %v", body, err, wantErr)
		} else if err == nil && !reflect.DeepEqual(got, want) {
			t.Errorf("%.300q: %#v, want %#v", body, got, want)
		}
	}
}

// bodies are statements, nearly statements, and what somebody may try.
func bodies() []string {
	list := []string{
		``, ` `, `{`, `}`, `{}`, `[]`, `null`, `"sql"`, `{"sql":"a"}`, ` { "sql" : "a" } `, "\t{\n\"sql\"\r:\t\"a\"}\n", `{"sql":"a"}x`, `{"sql":"a"}{}`, `{"sql":"a"},`, `{"sql":"a",}`, `{,"sql":"a"}`,
		`{"sql":"a" "source":"b"}`, `{"sql" "a"}`, `{"sql":}`, `{"sql"}`, `{"sql":"a"`, `{"sql":"a`, `{sql:"a"}`, `{'sql':'a'}`, `{"sql":a}`, `{"sql":null}`, `{"sql":1}`, `{"sql":["a"]}`, `{"sql":{}}`, `{"sql":true}`, `{"sql":""}`,
		`{"SQL":"a"}`, `{"sql ":"a"}`, `{"":"a"}`, `{"sql":"a","sql":"a"}`, `{"sql":"a","\u0073ql":"b"}`, `{"\u0073\u0071\u006c":"a"}`, `{"sql\u0000":"a"}`, `{"sql":"a","x":1}`, `{"sql":"a","x":`, `{"source":"b"}`,
		`{"sql":"a","source":"b"}`, `{"sql":"a","source":""}`, `{"sql":"a","source":null}`, `{"source":"b","sql":"a","format":"csv"}`, `{"sql":"a","format":"CSV"}`, `{"sql":"a","format":""}`, `{"sql":"a","format":"json"}`, `{"sql":"a","format":"ndjson"}`, `{"sql":"a","format":"tsv"}`, `{"sql":"a","format":1}`,
		`{"sql":"a","params":[]}`, `{"sql":"a","params":[ ]}`, `{"sql":"a","params":null}`, `{"sql":"a","params":{}}`, `{"sql":"a","params":"x"}`, `{"sql":"a","params":[[]]}`, `{"sql":"a","params":[{}]}`, `{"sql":"a","params":[1,]}`, `{"sql":"a","params":[,1]}`, `{"sql":"a","params":[1 2]}`, `{"sql":"a","params":[1}`, `{"sql":"a","params":[`, `{"sql":"a","params":]`,
		`{"sql":"a","params":[],"params":[]}`, "\ufeff" + `{"sql":"a"}`, `{"sql":"a"}` + "\x00", "\x00", "{\x00", `{"sql":"` + "\xff" + `"}`, `{"sql":"a"}` + "\xff", `{"sql":"a"}` + "\u00a0", "\u2028" + `{"sql":"a"}`, `{"sql":"a"/**/}`, `{"sql":"a"}//`,
		`{"sql":"a","params":[` + strings.Repeat("1,", maxParams-1) + `1]}`, `{"sql":"a","params":[` + strings.Repeat("1,", maxParams) + `1]}`, strings.Repeat("[", 1<<16), `{"sql":"` + strings.Repeat("[", 1<<16) + `"}`, strings.Repeat(`{"sql":`, 1000), `{"sql":"` + strings.Repeat("x", 1<<16) + `"}`,
		`{"a":` + strings.Repeat("[", 1000) + strings.Repeat("]", 1000) + `,"sql":"a"}`, `{"sql":"a","x":"\ud800"}`, `{"\ud800":"a"}`,
	}
	for _, s := range []string{
		`\"`, `\\`, `\/`, `\b\f\n\r\t`, `\'`, `\a`, `\x41`, `\0`, `\U0041`, `\u`, `\u0`, `\u00`, `\u004`, `\u0041`, `\u00e9`, `\u00E9`, `\u00g0`, `\u+041`, `\u 041`, `\u0000`, `\`, `\\\`, `\ud83d\ude00`, `\uD83D\uDE00`, `\ud83d`, `\ude00`, `\ude00\ud83d`, `\ud83d\u0041`,
		`\ud83dx\ude00`, `\ud83d\ud83d\ude00`, `\ud83d\ude00\ude00`, `\ud83d\\ude00`, `\\ud83d`, `\ud83d\`, `\ud83d\u`, `\ud83d\ude0`, `\ud83d\n`, `\ufffd`, `\uFFFD\ufffe\uffff`, `\ud800\udc00`, `\udbff\udfff`, `\udbff\ue000`, `\ud7ff`, `\ue000`,
		"\x1f", "\n", "\t", "\x7f", "\x00", "é", "日本", "😀", "\u2028", "\ufffd", "a\\", `a\u0041b`, `SELECT \"x\"`,
	} {
		list = append(list, `{"sql":"`+s+`"}`, `{"sql":"a","params":["`+s+`"]}`, `{"`+s+`":"a"}`)
	}
	for _, v := range []string{
		`0`, `-0`, `1`, `-1`, `01`, `-01`, `00`, `+1`, `.5`, `1.`, `1.0`, `1.5`, `-`, `--1`, `1e5`, `1E5`, `1e+5`, `1e-5`, `1e`, `1e+`, `1e5.5`, `1.e5`, `0e0`, `0.0`, `-0.0`, `0x10`, `1_000`, `1a`, `1 `, ` 1`, `9223372036854775807`, `9223372036854775808`, `-9223372036854775808`, `1e400`, `1e-400`,
		`0.1`, `0.12345678901234567890`, `123456789012345680000`, `NaN`, `Infinity`, `-Infinity`, `null`, `nul`, `nulll`, `NULL`, `true`, `tru`, `truee`, `false`, `False`, `fals`, `"x"`, `'x'`, `1,2`, `1,"2",null,true,false,2.5`, strings.Repeat("1", 320), strings.Repeat("1", 321), `0.` + strings.Repeat("0", 300) + "1",
	} {
		list = append(list, `{"sql":"a","params":[`+v+`]}`, `{"sql":"a","params":`+v+`}`, `{"sql":`+v+`}`, v)
	}
	return list
}

func TestDecodeStatementIsTheReference(t *testing.T) {
	t.Parallel()
	for _, body := range bodies() {
		sameAsReference(t, []byte(body))
	}
	// Each byte of a body that has everything, cut off there, left out, or replaced.
	whole := []byte(`{"sql":"SELECT \u00e9\ud83d\ude00\n$1", "source":"a","params":[1,-2.5e+3,null,true,false,"x\\"],"format":"csv"}`)
	for i := range whole {
		sameAsReference(t, whole[:i])
		sameAsReference(t, append(append([]byte{}, whole[:i]...), whole[i+1:]...))
		for _, c := range []byte("\"\\{}[],: 0-.eunx\x00\n\x7f\xc3\xff") {
			changed := append([]byte{}, whole...)
			changed[i] = c
			sameAsReference(t, changed)
		}
	}
}

// The table must hold bodies of both kinds, or it would prove little.
func TestBodiesAreOfBothKinds(t *testing.T) {
	t.Parallel()
	accepted := 0
	for _, body := range bodies() {
		if _, err := decodeStatement([]byte(body), allMembers); err == nil {
			accepted++
		}
	}
	if refused := len(bodies()) - accepted; accepted < 80 || refused < 200 {
		t.Errorf("%d accepted, %d refused", accepted, refused)
	}
}

// The decoder keeps nothing of the body, whose memory is used again.
func TestDecodeStatementCopies(t *testing.T) {
	t.Parallel()
	body := []byte(`{"sql":"SELECT","source":"a\n","params":["x"]}`)
	s, err := decodeStatement(body, allMembers)
	if err != nil {
		t.Fatal(err)
	}
	clear(body)
	if got := fmt.Sprintf("%q %q %q", s.sql, s.source, s.params); got != `"SELECT" "a\n" ["x"]` {
		t.Errorf("got %s", got)
	}
}

func BenchmarkDecodeStatement(b *testing.B) {
	for name, body := range map[string]string{"short": `{"sql":"SELECT 42"}`, "params": `{"sql":"SELECT * FROM flights\nWHERE origin = $1 LIMIT 10","params":["ORD",1,2.5],"format":"csv"}`} {
		b.Run(name, func(b *testing.B) {
			text := []byte(body)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := decodeStatement(text, allMembers); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+" reference", func(b *testing.B) {
			text := []byte(body)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := referenceStatement(text, "sql", "source", "params", "format"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
