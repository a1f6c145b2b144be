package event

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// maxErrText bounds what one error adds to a log line, in bytes.
const maxErrText = 4 << 10

// SlogSink returns a sink that writes one line per request to logger (nil is
// slog.Default()): message "request", the fields of [Record] in snake case,
// durations in milliseconds, the query's fields in the group "query". Fields
// that are not known are left out. The level is Error for a status of 500 and
// above or an aborted response, Warn where a limit has caused that, since
// callers can at will, else Info; that a client left early is not our error.
func SlogSink(logger *slog.Logger) Sink {
	if logger == nil {
		logger = slog.Default()
	}
	return slogSink{logger}
}

type slogSink struct{ logger *slog.Logger }

// Record implements [Sink].
func (s slogSink) Record(ctx context.Context, r *Record) {
	level := levelOf(r)
	if !s.logger.Enabled(ctx, level) {
		return
	}
	attrs := make([]slog.Attr, 0, 24)
	text := func(key, value string) {
		if value != "" {
			attrs = append(attrs, slog.String(key, value))
		}
	}
	text("request_id", r.RequestID)
	text("app", r.App)
	text("route", r.Route)
	text("method", r.Method)
	attrs = append(attrs,
		slog.Int("status", r.Status),
		milliseconds("duration_ms", r.Duration),
		slog.Int64("bytes_in", r.BytesIn),
		slog.Int64("bytes_out", r.BytesOut))
	if r.Client.IsValid() {
		attrs = append(attrs, slog.String("client", r.Client.String()))
	}
	if r.Network.IsValid() {
		attrs = append(attrs, slog.String("network", r.Network.String()))
	}
	text("key", r.Key)
	text("subject", r.Subject)
	text("spoofed", r.Spoofed)
	text("user_agent_class", string(r.UserAgentClass))
	text("protection", r.Protection)
	text("rule", r.Rule)
	text("would_refuse", r.WouldRefuse)
	if r.Aborted {
		attrs = append(attrs, slog.Bool("aborted", true))
	}
	if r.Canceled {
		attrs = append(attrs, slog.Bool("canceled", true))
	}
	if r.Query != (Query{}) {
		attrs = append(attrs, queryAttr(&r.Query))
	}
	if r.Err != nil {
		attrs = append(attrs, slog.String("err", ErrText(r.Err)))
	}
	s.logger.LogAttrs(ctx, level, "request", attrs...)
}

// levelOf is the level of a request's line; see [SlogSink].
func levelOf(r *Record) slog.Level {
	switch {
	case r.Status < 500 && !r.Aborted, r.Canceled:
		return slog.LevelInfo
	case r.Status == http.StatusServiceUnavailable && (r.Protection == "ratelimit" || r.Protection == "concurrency"):
		return slog.LevelWarn
	default:
		return slog.LevelError
	}
}

func queryAttr(q *Query) slog.Attr {
	return slog.GroupAttrs("query",
		slog.String("source", q.Source),
		slog.String("fingerprint", q.Fingerprint),
		slog.Int64("rows", q.Rows),
		milliseconds("queue_ms", q.Queue),
		milliseconds("guard_ms", q.Guard),
		milliseconds("engine_ms", q.Engine),
		milliseconds("encode_ms", q.Encode))
}

func milliseconds(key string, d time.Duration) slog.Attr {
	return slog.Float64(key, float64(d.Microseconds())/1e3)
}

// ErrText returns err's text for a log, valid UTF-8 and at most 4 KiB.
func ErrText(err error) string {
	text := err.Error()
	if len(text) > maxErrText {
		text = text[:maxErrText] + "…"
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}
