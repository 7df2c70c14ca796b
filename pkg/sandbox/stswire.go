package sandbox

import (
	"encoding/xml"
	"io"
	"net/http"
	"time"
)

// webIdentityXML is the response of AssumeRoleWithWebIdentity.
type webIdentityXML struct {
	XMLName  xml.Name          `xml:"https://sts.amazonaws.com/doc/2011-06-15/ AssumeRoleWithWebIdentityResponse"`
	Result   webIdentityResult `xml:"AssumeRoleWithWebIdentityResult"`
	Metadata metadataXML       `xml:"ResponseMetadata"`
}

type webIdentityResult struct {
	Subject  string `xml:"SubjectFromWebIdentityToken"`
	Audience string `xml:"Audience"`
	Provider string `xml:"Provider"`
	assumedRoleXML
}

// assumedRoleXML is the part of the response that both actions have.
type assumedRoleXML struct {
	AssumedRoleUser     assumedRoleUserXML `xml:"AssumedRoleUser"`
	Credentials         credentialsXML     `xml:"Credentials"`
	SourceIdentity      string             `xml:"SourceIdentity,omitempty"`
	PackedPolicySize    int                `xml:"PackedPolicySize,omitempty"`
	SessionTokenSize    int                `xml:"SessionTokenSize"`
	SessionTokenPercent int                `xml:"SessionTokenUtilization"`
}

type assumedRoleUserXML struct {
	ARN string `xml:"Arn"`
	ID  string `xml:"AssumedRoleId"`
}

type credentialsXML struct {
	AccessKeyID     string `xml:"AccessKeyId"`
	SecretAccessKey string `xml:"SecretAccessKey"`
	SessionToken    string `xml:"SessionToken"`
	Expiration      string `xml:"Expiration"`
}

type metadataXML struct {
	RequestID string `xml:"RequestId"`
}

// maxSessionToken is the maximum size of a session token in bytes, as AWS states since September 2026.
const maxSessionToken = 4096

func webIdentityAnswer(s Session, identity webIdentity, policySize int) webIdentityXML {
	return webIdentityXML{Result: webIdentityResult{
		Subject:        identity.Subject,
		Audience:       identity.Audience,
		Provider:       identity.Issuer,
		assumedRoleXML: assumedRole(s, policySize),
	}, Metadata: metadataXML{random(12)}}
}

// assumeRoleXML is the response of AssumeRole.
type assumeRoleXML struct {
	XMLName  xml.Name       `xml:"https://sts.amazonaws.com/doc/2011-06-15/ AssumeRoleResponse"`
	Result   assumedRoleXML `xml:"AssumeRoleResult"`
	Metadata metadataXML    `xml:"ResponseMetadata"`
}

func assumeRoleAnswer(s Session, policySize int) assumeRoleXML {
	return assumeRoleXML{Result: assumedRole(s, policySize), Metadata: metadataXML{random(12)}}
}

func assumedRole(s Session, policySize int) assumedRoleXML {
	size := len(s.SessionToken.Reveal())
	return assumedRoleXML{
		AssumedRoleUser: assumedRoleUserXML{s.Principal, s.UserID},
		Credentials: credentialsXML{
			AccessKeyID:     s.AccessKeyID,
			SecretAccessKey: s.SecretAccessKey.Reveal(),
			SessionToken:    s.SessionToken.Reveal(),
			Expiration:      s.Expiration.UTC().Format(time.RFC3339),
		},
		SourceIdentity:      s.SourceIdentity,
		PackedPolicySize:    (policySize*100 + maxSessionPolicies - 1) / maxSessionPolicies,
		SessionTokenSize:    size,
		SessionTokenPercent: size * 100 / maxSessionToken,
	}
}

// errorXML is an error response in the Query protocol.
type errorXML struct {
	XMLName xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ ErrorResponse"`
	Error   struct {
		Type    string `xml:"Type"`
		Code    string `xml:"Code"`
		Message string `xml:"Message"`
	} `xml:"Error"`
	RequestID string `xml:"RequestId"`
}

func refuseSTS(w http.ResponseWriter, err *awsError) {
	logCode(w, err.Code)
	answer := errorXML{RequestID: random(12)}
	answer.Error.Type, answer.Error.Code, answer.Error.Message = "Sender", err.Code, err.Message
	if err.Status >= 500 {
		answer.Error.Type = "Receiver"
	}
	writeXML(w, err.Status, answer)
}

func writeXML(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "text/xml")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	io.WriteString(w, xml.Header)
	xml.NewEncoder(w).Encode(v)
}
