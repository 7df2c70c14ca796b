package credential

import (
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/secret"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// sample returns a credential that is valid for an hour.
func sample() Credential {
	return Credential{
		AccessKeyID:     "ASIAEXAMPLE",
		SecretAccessKey: secret.New("wJalr/K7+bPx=EXAMPLE"),
		SessionToken:    secret.New("IQoJb3JpZ2lu//8+token=="),
		Issued:          noon,
		Expiration:      noon.Add(time.Hour + 900*time.Millisecond),
		Principal: Principal{
			ARN:    "arn:aws-cn:sts::111122223333:assumed-role/PhotoUploader/alice@example.com",
			UserID: "AROAEXAMPLE:alice@example.com",
		},
		Subject:    "auth0|6fa4",
		IdentityID: "us-east-1:11111111-2222-3333-4444-555555555555",
	}
}

func TestFreshAndExpired(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name           string
		life, left     time.Duration
		fresh, expired bool
	}{
		{"an hour, just issued", time.Hour, time.Hour, true, false},
		{"an hour, over 16 minutes left", time.Hour, 16*time.Minute + 1, true, false},
		{"an hour, 16 minutes left", time.Hour, 16 * time.Minute, false, false},
		{"an hour, a minute left", time.Hour, time.Minute, false, false},
		{"an hour, under a minute left", time.Hour, time.Minute - 1, false, true},
		{"twelve hours, over 16 minutes left", 12 * time.Hour, 16*time.Minute + 1, true, false},
		{"twelve hours, 16 minutes left", 12 * time.Hour, 16 * time.Minute, false, false},
		{"15 minutes, just issued", 15 * time.Minute, 15 * time.Minute, true, false},
		{"15 minutes, a third left", 15 * time.Minute, 5 * time.Minute, false, false},
		{"15 minutes, over a third left", 15 * time.Minute, 5*time.Minute + 1, true, false},
		{"5 minutes, a tenth left", 5 * time.Minute, 30 * time.Second, false, false},
		{"5 minutes, under a tenth left", 5 * time.Minute, 30*time.Second - 1, false, true},
		{"an hour, at its end", time.Hour, 0, false, true},
		{"an hour, past its end", time.Hour, -time.Hour, false, true},
	}
	for _, tt := range tests {
		c := Credential{AccessKeyID: "ASIA", Issued: noon, Expiration: noon.Add(tt.life)}
		now := c.Expiration.Add(-tt.left)
		if got := c.Fresh(now); got != tt.fresh {
			t.Errorf("%s: Fresh = %v, want %v", tt.name, got, tt.fresh)
		}
		if got := c.Expired(now); got != tt.expired {
			t.Errorf("%s: Expired = %v, want %v", tt.name, got, tt.expired)
		}
	}
}

func TestLasts(t *testing.T) {
	t.Parallel()
	tests := []struct {
		life, left, least time.Duration
		want              bool
	}{
		{time.Hour, 20 * time.Minute, 20 * time.Minute, true},
		{time.Hour, 20*time.Minute - 1, 20 * time.Minute, false},
		{time.Hour, 30 * time.Minute, 5 * time.Hour, true},
		{time.Hour, 30*time.Minute - 1, 5 * time.Hour, false},
	}
	for _, tt := range tests {
		c := Credential{AccessKeyID: "ASIA", Issued: noon, Expiration: noon.Add(tt.life)}
		if got := c.Lasts(c.Expiration.Add(-tt.left), tt.least); got != tt.want {
			t.Errorf("lifetime %v, left %v: Lasts(%v) = %v, want %v", tt.life, tt.left, tt.least, got, tt.want)
		}
	}
}

func TestZeroCredential(t *testing.T) {
	t.Parallel()
	var c Credential
	if !c.IsZero() || c.Fresh(noon) || !c.Expired(noon) || c.Lasts(noon, 0) {
		t.Errorf("zero credential: IsZero %v, Fresh %v, Expired %v, want true, false, true",
			c.IsZero(), c.Fresh(noon), c.Expired(noon))
	}
	if sample().IsZero() {
		t.Error("IsZero of a credential = true, want false")
	}
}

func TestPrincipal(t *testing.T) {
	t.Parallel()
	tests := []struct{ arn, partition, account, role, session string }{
		{sample().Principal.ARN, "aws-cn", "111122223333", "PhotoUploader", "alice@example.com"},
		{"arn:aws:sts::111122223333:assumed-role/R/a/b", "aws", "111122223333", "R", "a/b"},
		{"arn:aws:iam::111122223333:user", "aws", "111122223333", "", ""},
		{"arn:aws", "", "", "", ""},
		{"", "", "", "", ""},
	}
	for _, tt := range tests {
		p := Principal{ARN: tt.arn}
		got := [4]string{p.Partition(), p.AccountID(), p.RoleName(), p.SessionName()}
		if want := [4]string{tt.partition, tt.account, tt.role, tt.session}; got != want {
			t.Errorf("%q: partition, account, role, session = %q, want %q", tt.arn, got, want)
		}
	}
}
