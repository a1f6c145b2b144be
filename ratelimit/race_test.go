//go:build race

package ratelimit

// raceSlack is what a decision allocates more under the race detector, where a
// sync.Pool forgets on purpose.
const raceSlack = 4
