// Package lockout counts failed attempts per client address and says which
// clients have to pause. It is what the checks of keys and tokens share.
//
// # Counting
//
// The count is a [gcra.Table] with a burst of Failures and one event in each
// Pause. A client that failed that many times is locked; after one Pause it has
// one attempt again, and each quiet Pause gives one more back. What is refused
// because a client is locked is not a failure and must not be reported as one,
// so that trying on does not lengthen the lock. A success takes nothing off the
// count: who holds one good secret and guesses at others is still guessing.
//
// IPv4 addresses count one by one, also those mapped into IPv6. IPv6 addresses
// count by their /64, which is what one subscriber has (RFC 6177; RFC 4291,
// section 2.5.4). The invalid zero address is one client: where nobody knows
// who calls, all of those who call so share one count.
//
// # Limits
//
//   - Memory is fixed. With more failing clients than there is room for
//     (65,536 in the default of 1 MiB) a client may begin with failures of one
//     that it displaces, and be locked after fewer of its own. A client that
//     never failed is not locked, whatever others do: where all places it could
//     have are taken by locked clients, it counts as unlocked. The price is that
//     such an attack also opens room for guesses; a secret must be too long to
//     be guessed in any case.
//   - Attempts that run at the same time all pass [Counter.Locked] before the
//     first of them has failed. What that allows beyond Failures is bounded by
//     how many requests of one client run at once.
//   - Clients behind one address share its count.
package lockout
