package apikey

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
	"time"
)

func TestFromPlaintextTakesOurKeys(t *testing.T) {
	t.Parallel()
	k, plaintext := generate(t, "ci", time.Time{}, Query)
	got, err := FromPlaintext("environment", plaintext, []Scope{Query, Admin})
	check(t, err)
	if got.ID != k.ID || got.Hash != k.Hash || got.Name != "environment" || len(got.Scopes) != 2 || !got.Usable(now) {
		t.Errorf("got %+v", got)
	}
}

func TestFromPlaintextTakesRandomSecrets(t *testing.T) {
	t.Parallel()
	for range 300 {
		var b [24]byte
		_, _ = rand.Read(b[:])
		for _, s := range []string{
			hex.EncodeToString(b[:16]), hex.EncodeToString(b[:]), rand.Text() + rand.Text(),
			base64.StdEncoding.EncodeToString(b[:]), base64.RawURLEncoding.EncodeToString(b[:]),
		} {
			k, err := FromPlaintext("environment", s, []Scope{Query})
			if err != nil {
				t.Fatalf("%q was refused: %v", s, err)
			}
			if k.ID != "" {
				t.Fatalf("%q has the id %q", s, k.ID)
			}
		}
	}
}

func TestFromPlaintextRefuses(t *testing.T) {
	t.Parallel()
	_, ours := generate(t, "ci", time.Time{}, Query)
	const random = "Zq3vX8mK1pT6wB9dY4nH7cR2fJ5gL0s"
	tests := []struct{ name, secret, want string }{
		{"empty", "", "at least 32"},
		{"31 characters", random, "at least 32"},
		{"too long", strings.Repeat(random, 9), "at most 256"},
		{"ours, mistyped", ours[:20] + "zz" + ours[22:], ""},
		{"ours, cut", ours[:60], "a key is sp_"},
		{"one character", strings.Repeat("a", 40), "variety"},
		{"few characters", "abababbaabbabaababbaababbaabbaab", "variety"},
		{"repeated", "x8Kq2mZp9w" + "x8Kq2mZp9w" + "x8Kq2mZp9w" + "x8", "variety"},
		{"digits in order", "01234567890123456789012345678901", "variety"},
		{"alphabet", "abcdefghijklmnopqrstuvwxyz0123456789", "variety"},
		{"backwards", "zyxwvutsrqponmlkjihgfedcba9876543210", "variety"},
		{"placeholder", "Changeme-" + random, `"changeme"`},
		{"template", "<your-secret-goes-here-1234567890abc>", `"your-"`},
		{"a password", "MyPassword!2024" + random, `"password"`},
		{"space", random + " x", "no spaces"},
		{"line break", random + "x\n", "no spaces"},
		{"not ASCII", random + "é", "printable ASCII"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := FromPlaintext("environment", tt.secret, []Scope{Query})
			if err == nil {
				t.Fatalf("%q was accepted", tt.secret)
			}
			if !strings.Contains(err.Error(), tt.want) || !strings.HasSuffix(err.Error(), "sallyport key new NAME") {
				t.Errorf("%v; want %q and how to make one", err, tt.want)
			}
			if len(tt.secret) > 8 && strings.Contains(err.Error(), tt.secret) {
				t.Errorf("the error quotes the secret: %v", err)
			}
		})
	}
}

func TestFromPlaintextChecksTheRest(t *testing.T) {
	t.Parallel()
	_, plaintext := generate(t, "ci", time.Time{}, Query)
	if _, err := FromPlaintext("a b", plaintext, nil); err == nil || !strings.Contains(err.Error(), "no scopes") {
		t.Errorf("got %v", err)
	}
}
