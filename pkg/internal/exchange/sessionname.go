package exchange

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/daypass/daypass/pkg/identity"
)

// Limits of RoleSessionName, in characters of [\w+=,.@-].
const (
	minSessionName = 2
	maxSessionName = 64
)

// sessionName expands the template with the claims. The zero Template means {email}, or {sub} without an email claim.
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
	return "", errors.New("naming the session: the token has neither email nor sub")
}

// legalSessionName returns a legal name unchanged. It replaces the illegal characters of any other name and appends 8 hex
// digits of the name's SHA-256, so that two names that differ only in those characters stay different. A legal name that
// looks like another's altered name is not prevented.
func legalSessionName(name string) string {
	altered := strings.Map(legalRune, name)
	if altered == name && len(name) >= minSessionName && len(name) <= maxSessionName {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	ending := "-" + hex.EncodeToString(sum[:4])
	return altered[:min(len(altered), maxSessionName-len(ending))] + ending
}

// legalRune returns r if a session name may contain it, else "-".
func legalRune(r rune) rune {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', strings.ContainsRune("_+=,.@-", r):
		return r
	}
	return '-'
}
