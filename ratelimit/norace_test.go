//go:build !race

package ratelimit

// raceSlack: see race_test.go.
const raceSlack = 0
