package sandbox

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Mistakes are errors before anything is taken away: this very process goes on.
func TestMistakes(t *testing.T) {
	t.Parallel()
	place := newPlace(t)
	for name, c := range map[string]struct {
		spoil func(*Policy)
		want  string
	}{
		"no data limit":      {func(p *Policy) { p.Limits.Data = 0 }, "Limits.Data is missing"},
		"no address limit":   {func(p *Policy) { p.Limits.AddressSpace = 0 }, "Limits.AddressSpace is missing"},
		"no file limit":      {func(p *Policy) { p.Limits.OpenFiles = 0 }, "Limits.OpenFiles is missing"},
		"no time":            {func(p *Policy) { p.Limits.CPU = 0 }, "Limits.CPU is missing"},
		"no parent":          {func(p *Policy) { p.Parent = 0 }, "Parent is missing"},
		"everything":         {func(p *Policy) { p.Read = []string{"/tmp/.."} }, "opens /"},
		"writing everything": {func(p *Policy) { p.ReadWrite = []string{"/"} }, "opens /"},
		"relative":           {func(p *Policy) { p.Read = []string{"data"} }, "not an absolute path"},
		"not there":          {func(p *Policy) { p.Read = []string{place.Data + "/none"} }, "no such file"},
		"temp not there":     {func(p *Policy) { p.ReadWrite = []string{place.Data + "/none"} }, "no such file"},
		"temp is a file":     {func(p *Policy) { p.ReadWrite = []string{place.Data + "/file"} }, "not a directory"},
		"a device":           {func(p *Policy) { p.Read = []string{os.DevNull} }, "neither a file nor a directory"},
		"a link to all": {func(p *Policy) {
			if err := os.Symlink("/", filepath.Join(place.Data, "all")); err != nil {
				t.Error(err)
			}
			p.ReadWrite = []string{place.Data + "/all"}
		}, "opens /"},
	} {
		t.Run(name, func(t *testing.T) {
			p := place.policy()
			c.spoil(&p)
			if r, err := Apply(p); err == nil || !strings.Contains(err.Error(), c.want) || r.Complete() {
				t.Errorf("%v; %v", r, err)
			}
		})
	}
}
