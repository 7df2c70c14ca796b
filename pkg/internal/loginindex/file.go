package loginindex

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/daypass/daypass/pkg/internal/userfile"
)

const (
	fileName = "logins.json"
	lockName = "logins.lock"
	// version is the version of the file format. A file of another version is not changed.
	version = 1
	// maxBytes is more than a full index usually needs.
	maxBytes = 1 << 20
)

var (
	errForeign = errors.New("the file was not written by this version of daypass")
	errTooBig  = fmt.Errorf("more than %d bytes", maxBytes)
)

type fileJSON struct {
	Version int         `json:"v"`
	Logins  []loginJSON `json:"logins"`
}

type loginJSON struct {
	Key            string           `json:"key"`
	Issuer         string           `json:"issuer,omitempty"`
	ClientID       string           `json:"client_id,omitempty"`
	LoginHint      string           `json:"login_hint,omitempty"`
	Scopes         []string         `json:"scopes,omitempty"`
	IdentityPoolID string           `json:"identity_pool_id,omitempty"`
	Endpoint       string           `json:"endpoint,omitempty"`
	SignedOut      time.Time        `json:"signed_out,omitzero"`
	Credentials    []credentialJSON `json:"credentials,omitempty"`
}

type credentialJSON struct {
	Key            string `json:"key"`
	Profile        string `json:"profile,omitempty"`
	RoleARN        string `json:"role_arn,omitempty"`
	IdentityPoolID string `json:"identity_pool_id,omitempty"`
}

func (f *File) path() string { return filepath.Join(f.Dir, fileName) }

// read returns an error for any file that daypass did not write. Such a file is never overwritten. Nothing is read from
// a directory that another user can write to.
func (f *File) read() ([]Login, error) {
	if f.Dir == "" {
		return nil, nil
	}
	err := userfile.CheckStateDir(f.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	content, err := userfile.Read(f.path(), maxBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	logins, err := parse(content)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", f.path(), err)
	}
	return slices.DeleteFunc(logins, func(l Login) bool { return !f.follows(l) }), nil
}

func parse(content []byte) ([]Login, error) {
	if len(content) > maxBytes {
		return nil, errTooBig
	}
	var wire fileJSON
	if json.Unmarshal(content, &wire) != nil || wire.Version != version {
		return nil, errForeign
	}
	var logins []Login
	for _, l := range wire.Logins {
		login := Login{Key: l.Key, Issuer: l.Issuer, ClientID: l.ClientID, LoginHint: l.LoginHint, Scopes: l.Scopes,
			IdentityPoolID: l.IdentityPoolID, Endpoint: l.Endpoint, SignedOut: l.SignedOut}
		for _, c := range l.Credentials {
			login.Credentials = append(login.Credentials, Credential(c))
		}
		logins = append(logins, login)
	}
	return logins, nil
}

func format(logins []Login) ([]byte, error) {
	wire := fileJSON{Version: version, Logins: []loginJSON{}}
	for _, l := range logins {
		login := loginJSON{Key: l.Key, Issuer: l.Issuer, ClientID: l.ClientID, LoginHint: l.LoginHint, Scopes: l.Scopes,
			IdentityPoolID: l.IdentityPoolID, Endpoint: l.Endpoint, SignedOut: l.SignedOut}
		for _, c := range l.Credentials {
			login.Credentials = append(login.Credentials, credentialJSON(c))
		}
		wire.Logins = append(wire.Logins, login)
	}
	content, err := json.MarshalIndent(wire, "", "  ")
	if err == nil && len(content) > maxBytes {
		err = errTooBig
	}
	return append(content, '\n'), err
}

// follows reports whether the login's key follows from its fields, and whether the keys of its credentials are below
// it. Otherwise the entry could make a sign-out send one login's refresh token to the issuer of another.
func (f *File) follows(l Login) bool {
	outside := func(c Credential) bool { return !strings.HasPrefix(c.Key, l.Key+"/") }
	return l.Key == f.KeyOf(l) && !slices.ContainsFunc(l.Credentials, outside)
}

func (f *File) makeDir() error {
	if f.Dir == "" {
		return errors.New("there is no state directory, because the home directory is unknown")
	}
	return userfile.MakeStateDir(f.Dir)
}

// write replaces the file, unless its content would be the same.
func (f *File) write(logins []Login) error {
	content, err := format(logins)
	if err != nil {
		return err
	}
	if there, err := userfile.Read(f.path(), maxBytes); err == nil && bytes.Equal(there, content) {
		return nil
	}
	_, err = userfile.Write(f.path(), content)
	return err
}
