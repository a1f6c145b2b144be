//go:build linux

package systest

import (
	"os/exec"
	"strings"
	"testing"
)

// command runs the program to its end and gives what it printed.
func command(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), binary, args...).Output()
	if err != nil {
		t.Fatalf("sallyport %v: %v", args, err)
	}
	return strings.TrimSpace(string(out))
}
