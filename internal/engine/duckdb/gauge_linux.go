package duckdb

import (
	"bytes"
	"os"
	"strconv"
)

// gauge reads how much memory this process has taken.
type gauge struct {
	statm *os.File // nil: it cannot be told
	limit int64    // pages
}

// newGauge measures a worker. The file stays open: reading it again costs about
// a microsecond. A worker is spent when half of what it may have beside DuckDB's
// buffers is taken between queries. The buffers do not count against it,
// because they stay full of what was read last, and rightly so.
func newGauge(s setup) *gauge {
	statm, err := os.Open("/proc/self/statm")
	if err != nil {
		return &gauge{}
	}
	return &gauge{statm: statm, limit: (s.Memory + (s.Data-s.Memory)/2) / int64(os.Getpagesize())}
}

// spent reports whether so much is taken that queries may fail which would
// not in a fresh worker. It counts what RLIMIT_DATA does: data and stack, also
// what allocators keep for themselves, as they do with what is given back.
func (g *gauge) spent() bool {
	if g.statm == nil {
		return false
	}
	var text [128]byte
	n, _ := g.statm.ReadAt(text[:], 0) // short of the array, so an error always
	fields := bytes.Fields(text[:n])
	if len(fields) < 6 {
		return false
	}
	pages, err := strconv.ParseInt(string(fields[5]), 10, 64)
	return err == nil && pages > g.limit
}

// descriptors are what the gauge keeps open, beside the channels.
func (g *gauge) descriptors() []int {
	list := []int{channelFD, interruptFD}
	if g.statm != nil {
		list = append(list, int(g.statm.Fd()))
	}
	return list
}
