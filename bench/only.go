package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// The names by which -only knows what is not a load.
const (
	guardPart     = "guard"
	perimeterPart = "perimeter"
	chainsPart    = "chains"
	addressesPart = "addresses"
	memoryPart    = "memory"
)

// wants reports whether a part or a load of this name is to be measured: all
// are, unless -only gives a piece of the name.
func (p plan) wants(name string) bool {
	return strings.Contains(strings.ToLower(name), strings.ToLower(p.only))
}

// check finds what the flags cannot mean.
func (p plan) check() error {
	if p.rounds < 1 || p.streams < 1 || p.profile < 0 {
		return errors.New("-rounds and -streams are at least 1, and -profile is not negative")
	}
	if !slices.ContainsFunc(parts(), p.wants) {
		return fmt.Errorf("-only %q is in none of these: %s", p.only, strings.Join(parts(), "; "))
	}
	return nil
}

// wanted are the loads that are to be measured.
func (p plan) wanted(list []load) []load {
	return slices.DeleteFunc(slices.Clone(list), func(l load) bool { return !p.wants(l.name) })
}

// parts are all names that -only may give a piece of.
func parts() []string {
	list := []string{guardPart, perimeterPart, chainsPart, addressesPart, memoryPart}
	for _, l := range slices.Concat(loads, postgresLoads) {
		list = append(list, l.name)
	}
	for _, l := range streamLoads {
		list = append(list, l.name)
	}
	return list
}
