//go:build race

package main

// raceSlack is what a request allocates more under the race detector, where a
// sync.Pool forgets on purpose.
const raceSlack = 4
