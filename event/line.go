package event

import (
	"log/slog"
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"
)

// line is one line of a log in the making, in the form that slog's handlers
// give it.
type line struct {
	json bool
	b    []byte
}

// record writes the whole line of a request. What is in it, and in which order,
// is as in slogSink.
func (l *line) record(now time.Time, level slog.Level, r *Record) {
	l.begin(now, level)
	l.known("request_id", r.RequestID)
	l.known("app", r.App)
	l.known("route", r.Route)
	l.known("method", r.Method)
	l.integer("status", int64(r.Status))
	l.milliseconds("duration_ms", r.Duration)
	l.integer("bytes_in", r.BytesIn)
	l.integer("bytes_out", r.BytesOut)
	l.addresses(r)
	l.known("key", r.Key)
	l.known("subject", r.Subject)
	l.known("spoofed", r.Spoofed)
	l.known("user_agent_class", string(r.UserAgentClass))
	l.known("protection", r.Protection)
	l.known("rule", r.Rule)
	l.known("would_refuse", r.WouldRefuse)
	if r.Aborted {
		l.key("aborted")
		l.b = append(l.b, "true"...)
	}
	if r.Canceled {
		l.key("canceled")
		l.b = append(l.b, "true"...)
	}
	if r.Query != (Query{}) {
		l.query(&r.Query)
	}
	if r.Err != nil {
		l.text("err", ErrText(r.Err))
	}
	if l.json {
		l.b = append(l.b, '}')
	}
	l.b = append(l.b, '\n')
}

func (l *line) begin(now time.Time, level slog.Level) {
	if l.json {
		l.b = append(l.b, `{"time":"`...)
		l.b = now.AppendFormat(l.b, time.RFC3339Nano)
		l.b = append(l.b, `","level":"`...)
		l.b = append(l.b, level.String()...)
		l.b = append(l.b, `","msg":"request"`...)
		return
	}
	l.b = append(l.b, "time="...)
	l.b = appendMillis(l.b, now)
	l.b = append(l.b, " level="...)
	l.b = append(l.b, level.String()...)
	l.b = append(l.b, " msg=request"...)
}

// appendMillis is RFC 3339 with exactly three digits of the second.
// RFC3339Nano is the format that package time is fastest at; it drops zeros at
// the end, which a fourth digit prevents.
func appendMillis(b []byte, t time.Time) []byte {
	const length = len("2006-01-02T15:04:05.000")
	begin := len(b)
	b = t.Truncate(time.Millisecond).Add(time.Millisecond/10).AppendFormat(b, time.RFC3339Nano)
	return append(b[:begin+length], b[begin+length+1:]...)
}

func (l *line) addresses(r *Record) {
	if r.Client.IsValid() {
		if r.Client.Zone() != "" { // which may be any text
			l.text("client", r.Client.String())
		} else {
			l.quoteKey("client")
			l.b = r.Client.AppendTo(l.b)
			l.endQuote()
		}
	}
	if r.Network.IsValid() {
		l.quoteKey("network")
		l.b = r.Network.AppendTo(l.b)
		l.endQuote()
	}
}

func (l *line) query(q *Query) {
	source, fingerprint, rows := "query.source", "query.fingerprint", "query.rows"
	queue, guard, engine, encode := "query.queue_ms", "query.guard_ms", "query.engine_ms", "query.encode_ms"
	if l.json {
		const group = len("query.")
		source, fingerprint, rows = source[group:], fingerprint[group:], rows[group:]
		queue, guard, engine, encode = queue[group:], guard[group:], engine[group:], encode[group:]
		l.key("query")
		l.b = append(l.b, '{')
	}
	l.text(source, q.Source)
	l.text(fingerprint, q.Fingerprint)
	l.integer(rows, q.Rows)
	l.milliseconds(queue, q.Queue)
	l.milliseconds(guard, q.Guard)
	l.milliseconds(engine, q.Engine)
	l.milliseconds(encode, q.Encode)
	if l.json {
		l.b = append(l.b, '}')
	}
}

// key begins a member. Keys are ours and need no escaping.
func (l *line) key(key string) {
	if !l.json {
		l.b = append(l.b, ' ')
		l.b = append(l.b, key...)
		l.b = append(l.b, '=')
		return
	}
	if l.b[len(l.b)-1] != '{' {
		l.b = append(l.b, ',')
	}
	l.b = append(l.b, '"')
	l.b = append(l.b, key...)
	l.b = append(l.b, '"', ':')
}

// quoteKey begins a member whose value is a text that needs no escaping, and
// endQuote ends it.
func (l *line) quoteKey(key string) {
	l.key(key)
	l.endQuote()
}

func (l *line) endQuote() {
	if l.json {
		l.b = append(l.b, '"')
	}
}

// known writes a text unless it is not known.
func (l *line) known(key, value string) {
	if value != "" {
		l.text(key, value)
	}
}

func (l *line) text(key, value string) {
	l.key(key)
	switch {
	case l.json:
		l.b = append(l.b, '"')
		l.b = appendEscaped(l.b, value)
		l.b = append(l.b, '"')
	case isBare(value):
		l.b = append(l.b, value...)
	default:
		l.b = strconv.AppendQuote(l.b, value)
	}
}

func (l *line) integer(key string, value int64) {
	l.key(key)
	l.b = strconv.AppendInt(l.b, value, 10)
}

// milliseconds writes what slog writes for the float64 of milliseconds. Up to
// a million of them that is the number of microseconds with a point in it, the
// zeros at the end left out: so few digits are all significant in a float64.
func (l *line) milliseconds(key string, d time.Duration) {
	l.key(key)
	micros := d.Microseconds()
	if micros < 0 || micros >= 1e9 {
		l.float(float64(micros) / 1e3)
		return
	}
	l.b = strconv.AppendInt(l.b, micros/1000, 10)
	if part := micros % 1000; part > 0 {
		digits := [4]byte{'.', byte('0' + part/100), byte('0' + part/10%10), byte('0' + part%10)}
		end := len(digits)
		for digits[end-1] == '0' {
			end--
		}
		l.b = append(l.b, digits[:end]...)
	}
}

// float is for durations: encoding/json has another format only for numbers
// beyond 1e21 or beneath 1e-6, which they never are.
func (l *line) float(f float64) {
	format := byte('g')
	if l.json {
		format = 'f'
	}
	l.b = strconv.AppendFloat(l.b, f, format, -1, 64)
}

// isPlain says whether a byte stands for itself in a JSON string.
func isPlain(c byte) bool { return ' ' <= c && c < utf8.RuneSelf && c != '"' && c != '\\' }

// isBare says whether slog.TextHandler writes a text without quotes.
func isBare(s string) bool {
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c == ' ' || c == '=' || !isPlain(c) && c != '\\' {
				return false
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError || unicode.IsSpace(r) || !unicode.IsPrint(r) {
			return false
		}
		i += size
	}
	return s != ""
}

const hexDigits = "0123456789abcdef"

// appendEscaped escapes as slog.JSONHandler does (RFC 8259, section 7), which
// also escapes what ends a line in JavaScript.
func appendEscaped(b []byte, s string) []byte {
	begin := 0 // of what is not copied yet
	for i := 0; i < len(s); {
		c := s[i]
		if isPlain(c) {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if escape := escapeOf(r, size); escape != "" {
			b = append(append(b, s[begin:i]...), escape...)
			begin = i + size
		} else if r < ' ' {
			b = append(append(b, s[begin:i]...), '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
			begin = i + size
		}
		i += size
	}
	return append(b, s[begin:]...)
}

// escapeOf is what stands for a character in a JSON string; empty for those
// that stand for themselves, and for the rest of the control characters.
func escapeOf(r rune, size int) string {
	switch {
	case r == '"':
		return `\"`
	case r == '\\':
		return `\\`
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r == '\t':
		return `\t`
	case r == utf8.RuneError && size == 1: // not UTF-8
		return `\ufffd`
	case r == '\u2028':
		return `\u2028`
	case r == '\u2029':
		return `\u2029`
	default:
		return ""
	}
}
