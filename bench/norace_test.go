//go:build !race

package main

// raceSlack: see race_test.go.
const raceSlack = 0
