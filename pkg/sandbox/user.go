package sandbox

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// User is a person who can sign in.
type User struct {
	Subject string // opaque; simple for alice and bob, with unusual characters for added users
	Email   string // in the ID token if the scope email was requested
	Name    string // in the ID token if the scope profile was requested
	// Claims are added to every ID token of the user: groups, amr, azp, https://aws.amazon.com/tags,
	// https://aws.amazon.com/source_identity and so on. Claims that the protocol sets (iss, sub, aud, iat, exp,
	// nonce, at_hash, auth_time, sid) override them.
	Claims map[string]any
}

func defaultUsers() map[string]User {
	return map[string]User{
		"alice": {Subject: "alice-4f2a", Email: "alice@example.com", Name: "Alice Example"},
		"bob":   {Subject: "bob-91c7", Email: "bob@example.com", Name: "Bob Example"},
	}
}

// addUser adds a user by name (carol) or email address (carol@example.org) and returns the entry of Users. An
// existing user is not changed. The subject is derived from the name, so it is the same after a restart; it has
// unusual characters, as real ones do, but no slash, which an upload prefix must not have. Call it before the first request.
func (p *IdP) addUser(name string) User {
	return addUser(p.Users, name, func(sum []byte) string {
		return "auth0|" + base64.URLEncoding.EncodeToString(sum[:8])
	})
}

// addUser is IdP.addUser with the numeric user IDs of this provider.
func (o *OAuth) addUser(name string) User {
	return addUser(o.Users, name, func(sum []byte) string {
		return strconv.FormatUint(10e15+binary.BigEndian.Uint64(sum)%1e15, 10)
	})
}

func addUser(users map[string]User, name string, subject func(sum []byte) string) User {
	if user, ok := users[name]; ok {
		return user
	}
	local, _, isEmail := strings.Cut(name, "@")
	email := name
	if !isEmail {
		email = name + "@example.com"
	}
	first, size := utf8.DecodeRuneInString(local)
	sum := sha256.Sum256([]byte(name))
	users[name] = User{Subject: subject(sum[:]), Email: email, Name: string(unicode.ToUpper(first)) + local[size:] + " Example"}
	return users[name]
}
