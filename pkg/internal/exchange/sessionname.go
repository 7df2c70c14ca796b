package exchange

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/daypass/daypass/pkg/identity"
)

// Bounds of RoleSessionName, in characters of [\w+=,.@-].
const (
	minSessionName = 2
	maxSessionName = 64
)

// sessionName expands the template from the claims; the zero Template is {email}, else {sub}.
func sessionName(t identity.Template, claims identity.Claims) (string, error) {
	if t.String() != "" {
		name, err := t.Expand(claims.Value)
		if err != nil {
			return "", fmt.Errorf("naming the session: %w", err)
		}
		return legalSessionName(name), nil
	}
	for _, placeholder := range []string{"email", "sub"} {
		if name, ok := claims.Value(placeholder); ok {
			return legalSessionName(name), nil
		}
	}
	return "", fmt.Errorf("naming the session: the token has neither email nor sub")
}

// legalSessionName returns a legal name as it is. Any other is altered, and ends in 8 hex digits of the
// original's SHA-256, so that two people whose names are altered alike do not share one. Nobody is kept
// from bearing, unaltered, a name that looks like another's altered one.
func legalSessionName(name string) string {
	altered := strings.Map(legalRune, name)
	if altered == name && len(name) >= minSessionName && len(name) <= maxSessionName {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	ending := "-" + hex.EncodeToString(sum[:4])
	return altered[:min(len(altered), maxSessionName-len(ending))] + ending
}

// legalRune keeps what a session name may have and puts - for the rest: all of it is ASCII.
func legalRune(r rune) rune {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', strings.ContainsRune("_+=,.@-", r):
		return r
	}
	return '-'
}
