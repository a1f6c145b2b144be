//go:build race

package server

// raceEnabled says that pools drop things at random.
const raceEnabled = true
