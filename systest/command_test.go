//go:build linux

package systest

import (
	"errors"
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

// refusedToServe runs a configuration that must not start, and gives what the
// program says.
func refusedToServe(t *testing.T, yaml string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary, "serve", "--config", writeFile(t, "sallyport.yaml", "listen: 127.0.0.1:0\noperator: {listen: \"off\"}\n"+yaml))
	cmd.Env = []string{"SALLYPORT_API_KEY=" + testKey, "HOME=" + t.TempDir()}
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 2 {
		t.Errorf("it ends with %v, want exit code 2:\n%s", err, out)
	}
	return string(out)
}
