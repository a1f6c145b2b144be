package config

import "log/slog"

// Preset names a set of rules for SQL. The zero value is none, which Validate refuses.
type Preset string

// The presets.
const (
	// PresetStrict admits one table source a scope and the reviewed functions only.
	PresetStrict Preset = "strict"
	// PresetAnalyst also admits joins tied by equalities, window functions and deeper queries, under a ceiling on the
	// planner's estimate.
	PresetAnalyst Preset = "analyst"
)

// Detail says whether a refusal names its rule and the way to mend the query. Neither form repeats the input.
type Detail string

// The values of errors.detail.
const (
	// DetailByCaller is the zero value: the rule for callers with a key, nothing for the rest.
	DetailByCaller Detail = ""
	// DetailRule names the rule to everybody.
	DetailRule Detail = "rule"
	// DetailNone names it to nobody.
	DetailNone Detail = "none"
)

// ForCaller says whether a caller is told the rule. An unknown value tells nobody.
func (d Detail) ForCaller(authenticated bool) bool {
	return d == DetailRule || (d == DetailByCaller && authenticated)
}

// LogFormat is the form of the log's lines. The zero value is none, which Validate refuses.
type LogFormat string

// The values of log.format.
const (
	LogText LogFormat = "text"
	LogJSON LogFormat = "json"
)

// LogLevel is the least level that is logged. The zero value is none, which Validate refuses.
type LogLevel string

// The values of log.level.
const (
	LogDebug LogLevel = "debug"
	LogInfo  LogLevel = "info"
	LogWarn  LogLevel = "warn"
	LogError LogLevel = "error"
)

// Slog returns l for use with log/slog; an unknown value is slog.LevelInfo.
func (l LogLevel) Slog() slog.Level {
	switch l {
	case LogDebug:
		return slog.LevelDebug
	case LogWarn:
		return slog.LevelWarn
	case LogError:
		return slog.LevelError
	default:
		return slog.LevelInfo
	}
}

// CSVFormulas says what becomes of text in CSV that a spreadsheet would take for a formula. The zero value is none, which
// Validate refuses.
type CSVFormulas string

// The values of responses.csv_formulas.
const (
	CSVFormulasKeep   CSVFormulas = "keep"
	CSVFormulasEscape CSVFormulas = "escape"
)
