// Package servicetest starts real services for tests: each privately, on a
// free port of 127.0.0.1, with its data in the test's temporary directory, and
// ends it with the test. It never uses a service that happens to run.
//
// The programs come from the system's packages; scripts/test-deps installs
// what is missing. A test whose program is not there fails, it does not skip.
package servicetest
