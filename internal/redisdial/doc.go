// Package redisdial opens a Redis client from a URL, so that every protection
// that keeps something in a shared store reaches it in the same safe way.
//
// What it decides, so that no URL can: certificates are verified and TLS is at
// least 1.2; plain TCP goes to this machine only, unless the operator says
// otherwise; nothing is retried, since whoever asks has a request waiting and a
// better answer than a second attempt; every step has a time limit.
//
// Options in the URL's query string are refused. The client library reads
// some, and one of them (skip_verify) would switch verification off.
//
// # Errors
//
// No error has the password in its text: neither those of [Open], which do not
// quote the URL, nor those of commands. A Redis before version 6 quotes the
// arguments of a command it does not know, which the first one sent, HELLO with
// the password, is; that text is replaced.
//
// # Limits
//
// A client dials when it is first used, not in Open: a Redis that is away when
// the program starts is for the protection to bridge, as at any other time.
// One server is talked to; cluster and sentinel are not spoken.
package redisdial
