package cli

import (
	"cmp"
	"fmt"
	"time"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/profile"
)

// signedInAs describes whose a credential is, for whoami and login. Its JSON is stable: fields are added, never renamed.
// It contains no secret.
type signedInAs struct {
	Profile     string    `json:"profile,omitempty"`
	Issuer      string    `json:"issuer"`
	Subject     string    `json:"subject"`
	Email       string    `json:"email,omitempty"`
	RoleARN     string    `json:"role_arn,omitempty"`
	RoleName    string    `json:"role_name,omitempty"`
	AccountID   string    `json:"account_id,omitempty"`
	SessionName string    `json:"session_name,omitempty"`
	Principal   string    `json:"principal_arn,omitempty"`
	IdentityID  string    `json:"identity_id,omitempty"`
	Guest       bool      `json:"guest,omitempty"`
	Region      string    `json:"region,omitempty"`
	Expiration  time.Time `json:"expiration"`
	// RenewsUntil is when the IdP ends the sign-in, if it says so.
	RenewsUntil time.Time `json:"renews_until,omitzero"`
	// Renews says that new credentials need no browser.
	Renews    bool   `json:"renews"`
	notStored bool   // each command signs in again
	Prefix    string `json:"prefix,omitempty"`
	UploadURL string `json:"upload_url,omitempty"`
}

func newSignedInAs(p profile.Profile, g identity.Grant, c credential.Credential) signedInAs {
	h := signedInAs{
		Profile: p.Name, Issuer: cmp.Or(g.ID.Claims.Issuer, p.Login.Issuer),
		Subject: cmp.Or(g.ID.Claims.Subject, c.Subject), Email: g.ID.Claims.Email,
		RoleARN: p.Role.ARN, RoleName: c.Principal.RoleName(), AccountID: c.Principal.AccountID(),
		SessionName: c.Principal.SessionName(), Principal: c.Principal.ARN, IdentityID: c.IdentityID,
		Guest:  p.IdentityPool.Guest,
		Region: p.Region, Expiration: c.Expiration, Renews: g.Renews(),
	}
	if h.Renews {
		h.RenewsUntil = g.RefreshExpiry
	}
	if prefix, err := c.Prefix(p.Upload.Prefix); err == nil && p.Upload.Bucket != "" {
		h.Prefix, h.UploadURL = prefix, "s3://"+p.Upload.Bucket+"/"+prefix
	}
	return h
}

// person returns the person's email address or, without one, their identifier.
func (h signedInAs) person() string {
	if h.Guest {
		return "a guest"
	}
	return cmp.Or(h.Email, h.Subject, h.IdentityID)
}

func (h signedInAs) pairs(now time.Time) []pair {
	return []pair{
		{label: "profile", text: h.Profile},
		{label: "role", text: h.role()},
		{label: "identity", text: h.IdentityID},
		{label: "session", text: h.SessionName},
		{label: "expires", text: h.expires(now)},
		{label: "uploads", text: h.UploadURL},
	}
}

func (h signedInAs) role() string {
	if h.RoleName == "" || h.AccountID == "" {
		return cmp.Or(h.RoleName, h.RoleARN)
	}
	return h.RoleName + " in " + h.AccountID
}

// expires returns when the credential expires and what happens then.
func (h signedInAs) expires(now time.Time) string {
	text := clock(h.Expiration, now)
	switch {
	case h.notStored:
		return text + "; not stored"
	case !h.RenewsUntil.IsZero():
		return fmt.Sprintf("%s; renews by itself until %s", text, h.RenewsUntil.Local().Format("2 Jan"))
	case h.Renews || h.Guest:
		return text + "; renews by itself"
	}
	return text + "; then sign in again"
}
