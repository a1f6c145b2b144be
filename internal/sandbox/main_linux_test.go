package sandbox

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if text := os.Getenv(asChild); text != "" {
		os.Exit(beChild(text))
	}
	goleak.VerifyTestMain(m)
}
