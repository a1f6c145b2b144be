package main

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/sallyport-dev/sallyport/apikey"
)

type keyCommand struct {
	New    keyNewCommand    `cmd:"" help:"Make a key and print it, once."`
	List   keyListCommand   `cmd:"" help:"List the keys of the file."`
	Revoke keyRevokeCommand `cmd:"" help:"Disable a key for good."`
}

// keyFile is the flag that all key commands share.
type keyFile struct {
	File string `help:"Keys file." default:"keys.yaml" type:"path"`
}

// read reads the file; one that does not exist yet is an empty set if new
// keys may go into it.
func (f keyFile) read(mayBeAbsent bool) (*apikey.Set, error) {
	if _, err := os.Stat(f.File); errors.Is(err, fs.ErrNotExist) && mayBeAbsent {
		folder := filepath.Dir(f.File)
		if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("there is no folder %s for the keys file %s; make the folder first, or name another file with --file", folder, filepath.Base(f.File))
		}
		return apikey.NewSet()
	}
	return readKeys(f.File)
}

// readKeys reads a keys file that must be there.
func readKeys(path string) (*apikey.Set, error) {
	set, err := apikey.ParseFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no keys file %s; make it, with a first key: sallyport key new NAME --file %s", path, path)
	}
	return set, err
}

type keyNewCommand struct {
	keyFile
	Name    string   `arg:"" help:"Name of the key, shown in the log: letters, digits and . _ -"`
	Scopes  []string `help:"What the key may do: ${scopes}. More than one with commas between them; default: query." default:"query" placeholder:"SCOPE"`
	Expires string   `help:"How long it is valid, such as 90d or 12h; default: for ever." placeholder:"TIME"`
}

// Run makes a key.
func (c *keyNewCommand) Run(w *world) error {
	scopes, err := parseScopes(c.Scopes)
	if err != nil {
		return err
	}
	now := time.Now()
	expires, err := expiry(c.Expires, now)
	if err != nil {
		return err
	}
	set, err := c.read(true)
	if err != nil {
		return err
	}
	if old, exists := set.Get(c.Name); exists {
		return fmt.Errorf("%s already has a key named %s (%s); choose another name", filepath.Base(c.File), old.Name, state(old))
	}
	key, plaintext, err := apikey.Generate(c.Name, scopes, expires, now)
	if err != nil {
		return err
	}
	grown, err := apikey.NewSet(append(set.Keys(), key)...)
	if err != nil {
		return err
	}
	if err := apikey.WriteFile(c.File, grown); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w.stdout, "%s\n", plaintext)
	if err == nil {
		_, err = fmt.Fprintf(w.stderr, "This is the only time the key is shown: %s keeps a hash of it.\nServe with it: sallyport serve SOURCE --keys %s\n",
			filepath.Base(c.File), c.File)
	}
	return err
}

func parseScopes(names []string) ([]apikey.Scope, error) {
	var scopes []apikey.Scope
	var problems []error
	for _, name := range names {
		s, err := apikey.ParseScope(name)
		scopes, problems = append(scopes, s), append(problems, err)
	}
	return scopes, errors.Join(problems...)
}

// expiry reads a duration in days (90d) or as Go writes it (12h).
func expiry(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	var lifetime time.Duration
	var err error
	if days, ok := strings.CutSuffix(text, "d"); ok {
		lifetime, err = daysLong(days)
	} else {
		lifetime, err = time.ParseDuration(text)
	}
	if err != nil || lifetime <= 0 {
		return time.Time{}, fmt.Errorf("--expires %q: write a number of days, such as 90d, or hours, such as 12h; without it the key is valid for ever", text)
	}
	return now.Add(lifetime), nil
}

// daysLong reads a number of days, at most as many as a Duration can hold.
func daysLong(text string) (time.Duration, error) {
	const day = 24 * time.Hour
	days, err := strconv.ParseUint(text, 10, 32)
	if err == nil && days > uint64(math.MaxInt64/day) {
		err = strconv.ErrRange
	}
	return time.Duration(days) * day, err
}

type keyListCommand struct{ keyFile }

// Run lists the keys, never their hashes.
func (c *keyListCommand) Run(w *world) error {
	set, err := c.read(false)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(w.stdout, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "NAME\tID\tSCOPES\tCREATED\tEXPIRES\tSTATE") // Flush reports what went wrong
	for _, k := range set.Keys() {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", k.Name, k.ID, scopeNames(k.Scopes, ","), day(k.Created, "unknown"), day(k.Expires, "never"), state(k))
	}
	return table.Flush()
}

func scopeNames(scopes []apikey.Scope, between string) string {
	names := make([]string, len(scopes))
	for i, s := range scopes {
		names[i] = string(s)
	}
	return strings.Join(names, between)
}

func day(t time.Time, zero string) string {
	if t.IsZero() {
		return zero
	}
	return t.UTC().Format(time.DateOnly)
}

func state(k apikey.Key) string {
	switch {
	case k.Disabled:
		return "revoked"
	case !k.Usable(time.Now()):
		return "expired"
	default:
		return "valid"
	}
}

type keyRevokeCommand struct {
	keyFile
	Name string `arg:"" help:"Name of the key."`
}

// Run disables a key. It stays in the file, so that the log can tell its use
// from that of an unknown one.
func (c *keyRevokeCommand) Run(w *world) error {
	set, err := c.read(false)
	if err != nil {
		return err
	}
	keys := set.Keys()
	found := false
	for i := range keys {
		if keys[i].Name == c.Name {
			keys[i].Disabled, found = true, true
		}
	}
	if !found {
		return fmt.Errorf("there is no key %q in %s; sallyport key list shows those there are", c.Name, c.File)
	}
	changed, err := apikey.NewSet(keys...)
	if err != nil {
		return err
	}
	if err := apikey.WriteFile(c.File, changed); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w.stdout, "%s is revoked; a server that runs with this file notices within %v\n", c.Name, keysPause)
	return err
}
