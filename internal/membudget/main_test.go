package membudget

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// asGlutton makes the test binary a process that takes memory when told to.
const asGlutton = "SALLYPORT_TEST_GLUTTON"

func TestMain(m *testing.M) {
	if os.Getenv(asGlutton) != "" {
		beGlutton()
		return
	}
	goleak.VerifyTestMain(m)
}
