package main

import (
	"bufio"
	"context"
	"database/sql"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// machine is where a run took place. What cannot be found out is "unknown".
type machine struct {
	cpu, memory, kernel, duckdb, golang string
	cores                               int
	// busy is the load average of the last minute: what others ran before.
	busy string
}

func describeMachine(ctx context.Context) machine {
	m := machine{
		cpu: unknown(field("/proc/cpuinfo", "model name")), memory: "unknown", kernel: unknown(output(ctx, "uname", "-srm")),
		duckdb: unknown(duckdbVersion(ctx)), golang: runtime.Version(), cores: runtime.NumCPU(), busy: "unknown",
	}
	if text, err := os.ReadFile("/proc/loadavg"); err == nil {
		m.busy, _, _ = strings.Cut(string(text), " ")
	}
	kib, _, _ := strings.Cut(field("/proc/meminfo", "MemTotal"), " ")
	if n, err := strconv.ParseFloat(kib, 64); err == nil {
		m.memory = strconv.FormatFloat(n/(1<<20), 'f', 1, 64) + " GiB"
	}
	return m
}

func unknown(text string) string {
	if text == "" {
		return "unknown"
	}
	return text
}

// field is the value of the first line "name: value" of a file.
func field(path, name string) string {
	file, err := os.Open(path) //nolint:gosec // a file of /proc
	if err != nil {
		return ""
	}
	defer func() { _ = file.Close() }() // only read from
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if key, value, found := strings.Cut(lines.Text(), ":"); found && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func output(ctx context.Context, name string, args ...string) string {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	text, err := exec.CommandContext(ctx, name, args...).Output() //nolint:gosec // the names are ours
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

func duckdbVersion(ctx context.Context) string {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return ""
	}
	defer func() { _ = db.Close() }() // an empty database in memory
	var version string
	if err := db.QueryRowContext(ctx, "SELECT version()").Scan(&version); err != nil {
		return ""
	}
	return version
}
