// Package config reads Sallyport's configuration file. It stands in tier 6 and imports nothing of the project: it holds
// what the operator wrote, and the command turns that into guards, engines and servers.
//
// The steps are separate, and each can be tested alone:
//
//	file, err := config.Decode(data)                  // YAML → the settings that are written there
//	cfg, err := file.Config(os.LookupEnv)             // ${ENV} substituted, defaults filled in
//	err = cfg.Validate(config.Facts{EnvKey: true})    // every mistake at once
//
// Load does the three in one go and reports the mistakes of all of them together. Decode is strict: an unknown key, a
// key given twice, a value without its unit and a section without content are errors, never ignored. Every mistake is an
// *Error that names the setting, says what is wrong and how to repair it.
//
// One table (settings.go) holds every setting with its default, bounds and text. Decoding, defaults, validation, the
// JSON Schema and the reference in docs/configuration.md are all taken from it.
//
// # Limits
//
// A file is at most MaxFile bytes of UTF-8. Anchors, aliases, merge keys, tags, directives and several documents are
// refused before the YAML parser runs, and so are files with more than 20,000 YAML tokens or more than 12 levels:
// the parser is recursive and takes quadratic time on some inputs.
//
// The package reads no file, no flag and no environment variable: the caller passes the bytes and a lookup function.
// It does not look whether a file that a setting names exists.
//
// # Wrong usage
//
// A Config that was not validated must not be served from. Default is no exception: it has no source and no key yet.
//
//	cfg := config.Default()
//	serve(cfg) // wrong: add a source, then call Validate
package config
