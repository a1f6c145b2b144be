// Package gcra counts events by key against rates, in a fixed amount of memory.
//
// The algorithm is the generic cell rate algorithm (ITU-T I.371, annex A): a
// key is one number, its theoretical arrival time, which is when it will have
// its whole burst again. There are no windows, so nothing is admitted twice at
// the boundary of two.
//
// # Memory and accuracy
//
// A [Table] never grows. It has room for a number of keys that follows from
// its budget (16 bytes a key), in buckets of eight. Keys that have their whole
// burst again are not kept. Where a bucket is full of others, a new key takes
// the place of the one that will be whole first, and begins where that one
// stood (Space-Saving: Metwally, Agrawal, El Abbadi, ICDT 2005). So the error
// has one side:
//
//   - a key is never allowed more than its rate, however many keys there are;
//   - under more live keys than there is room for, a key that has no place may
//     be allowed less, by what the key it displaces had used: with many keys
//     that called once, by one event. Rates with much longer spans in the same
//     table make that more.
//
// Keys are told apart by a 64-bit hash with a secret seed of the process. Two
// that collide share one count, and are allowed less, never more.
//
// # Time
//
// Time is a number of nanoseconds that the caller reads from a clock. It may
// step: after a step back no key waits longer than its burst takes to fill.
package gcra
