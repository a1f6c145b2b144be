//go:build race

package event_test

// raceEnabled says that pools drop things at random.
const raceEnabled = true
