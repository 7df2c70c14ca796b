// Command caller is a program with AWS's Go SDK that does not know daypass: caller SECONDS calls GetCallerIdentity
// repeatedly with one client, and prints the access key ID of each call. It fails at the first call that fails.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

func main() {
	lasting, err := time.ParseDuration(os.Args[1] + "s")
	exitOn(err)
	ctx := context.Background()
	cfg, err := config.LoadDefaultConfig(ctx)
	exitOn(err)
	client := sts.NewFromConfig(cfg)
	for end := time.Now().Add(lasting); time.Now().Before(end); time.Sleep(time.Second) {
		_, err := client.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
		exitOn(err)
		keys, err := cfg.Credentials.Retrieve(ctx)
		exitOn(err)
		fmt.Println(keys.AccessKeyID)
	}
}

func exitOn(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
