/// Certificates and keys made for these tests alone, with OpenSSL 3.0 in the default provider:
///
///     openssl genrsa [-3] [-traditional] 1024|2048
///     openssl genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 | ed25519 | ed448
///     openssl ecparam -name prime256v1|secp256k1 -genkey [| openssl pkcs8 -topk8 -nocrypt]
///     openssl pkcs8 -topk8 -passout pass:x
///     openssl req -x509 -new -key KEY -subj /CN=NAME -days 36500
enum PEMFixture {
    /// RSA, 1024 bits
    static let weakCertificate = """
        -----BEGIN CERTIFICATE-----
        MIIB/DCCAWWgAwIBAgIUGHp7Fk/UYanAdAuyfCt3e2hhayowDQYJKoZIhvcNAQEL
        BQAwDzENMAsGA1UEAwwEd2VhazAgFw0yNjExMjIwMjIyMzZaGA8yMTI2MTAyOTAy
        MjIzNlowDzENMAsGA1UEAwwEd2VhazCBnzANBgkqhkiG9w0BAQEFAAOBjQAwgYkC
        gYEAnGlgZGX+GaCDL+y5ZA3d5Ei+54iAr1Ky17by9CwLfdKt8Xldcntj0iE1fpp3
        mRbpoGvqmXnEdBc9kM/myXCgVw0ly66p89/asqKlspoCM6LfoDhLv/ulMHOlU15z
        VCI671wt0lENA8ORqdLT36TsesJpU6FpjyKw3ThFLMlVXu0CAwEAAaNTMFEwHQYD
        VR0OBBYEFIaO9DeYDHqPPr0bb7ehxEtE4nrcMB8GA1UdIwQYMBaAFIaO9DeYDHqP
        Pr0bb7ehxEtE4nrcMA8GA1UdEwEB/wQFMAMBAf8wDQYJKoZIhvcNAQELBQADgYEA
        c12x4ro/11yZTftHTEqR8Z98EGsjHq4dPMs4AV0ET4qmWK4E0ODy+x5tvScj7C/J
        TqSYb7YlmYfDgjjiWJvifWiEeNPOBCqWZLjs8ezZ04XvG9rydITgj6E9ES5zrgAQ
        xOdqWKlF1kodShw7KGzvYUs+063Vlu0GANuWeTL2wcg=
        -----END CERTIFICATE-----

        """

    /// RSA, 2048 bits
    static let strongCertificate = """
        -----BEGIN CERTIFICATE-----
        MIIDBTCCAe2gAwIBAgIUE5M8DrKSOC+2FvmS+EIZsmLHkOIwDQYJKoZIhvcNAQEL
        BQAwETEPMA0GA1UEAwwGc3Ryb25nMCAXDTI2MTEyMjAyMjIzNloYDzIxMjYxMDI5
        MDIyMjM2WjARMQ8wDQYDVQQDDAZzdHJvbmcwggEiMA0GCSqGSIb3DQEBAQUAA4IB
        DwAwggEKAoIBAQDWCTenQD5G/E/UgFT3zD06UFB6BDAz9E1hyYmGMYNOVZvs2kvQ
        LaoeB0WtQcERKId4nB41ucvZLlPjwJbLWzJFQr0sylJdVh6o6lKgwaa09id4peQh
        8jBYDcZo1gVNIdtnHTMEjllfDwuBsNKwea3MRfMr/ihUsu79KFfFeTnkww192kNN
        pIRjnf+Jxd+l9zhskecscxNkogyJfO2iQhcBFBIk4VGUMgq1DlBSEvT90RTc/Enh
        GiUb5XCPa64DV6SS0OF1aplJJEraFZRvd+Hs1J6vAE6cMrGVhYbHLuJPbi3pEV9h
        nuyoxRPioYW0hDxsDlbj1jxyAsha3Sjwf1bHAgMBAAGjUzBRMB0GA1UdDgQWBBTK
        PnmWCDTdicXS0faLFQzRorx1ljAfBgNVHSMEGDAWgBTKPnmWCDTdicXS0faLFQzR
        orx1ljAPBgNVHRMBAf8EBTADAQH/MA0GCSqGSIb3DQEBCwUAA4IBAQCFtVdSL+ul
        gYYHpBFDsEhp8vH+XJkywyK8Sn4Bxk2NAXm7+R6V5qibxI1TSkCGYfovXEJLvhQn
        3B/sgYr4akQkgk2or3vIMdKbCNXmxG1Ng2VjaWaps3vqgFRxtAPHqOummXUiGXvE
        wGNiZoeg2ZnFte2kgD83dsOwEdzs5U6QX7YIf0FL0Mc9IsJBdi7KLrIY3i2YJ6dS
        Dk0MPPNqLlxU7X8whPMwLVdgWsToFKvC/Ck6whOB9fj6l1pcyrPUzVXKwHygVqEd
        EQPtNLiM6ijPyi1LjXaNtuQhh7dvwaB2QBV2uwy3RyIuj/GH2ASyx2ZOq8En/0qq
        hry5FPd6ve/C
        -----END CERTIFICATE-----

        """

    /// RSA, 2048 bits, exponent 3
    static let smallExponentCertificate = """
        -----BEGIN CERTIFICATE-----
        MIIC+zCCAeOgAwIBAgIUG5EOLRa6/AtWHe0OYKHZF4GX++gwDQYJKoZIhvcNAQEL
        BQAwDTELMAkGA1UEAwwCZTMwIBcNMjYxMTIyMDIyMjM4WhgPMjEyNjEwMjkwMjIy
        MzhaMA0xCzAJBgNVBAMMAmUzMIIBIDANBgkqhkiG9w0BAQEFAAOCAQ0AMIIBCAKC
        AQEA0jN/y9d80VXvZvpRIBQ3LHpI55UW2g5C4yknQtfN5DT0+zqKt/Ihn4nh3WR7
        BYUq8503QBDTDdKMY1YLrKs7QE6KaZqGKaPzZaYYTYn61ci34SVEUeibrDQ5S+cc
        P5lCaxqRQbb8GLZBpcKoYwt3EOc4HfSARlNu7cX/iZN+7+EZILxKQQGeN9VJ6oN4
        pXyy31RP4Ej6XsVLdj4le3GkyAJOPiigN/mIfJ5ReRk81gbhdaMVDkZvR43x2g2V
        KgsuejoSgLxygcPs/sWmr9bqTgcIiBdpfsxDw4uIbiFRQv+GZAtzdjL9boj0AtPi
        oheB2oqkRGZuLgeLXWZc0iZYUwIBA6NTMFEwHQYDVR0OBBYEFMYCVuaYVt4ITf29
        PNC9KqHcNG2FMB8GA1UdIwQYMBaAFMYCVuaYVt4ITf29PNC9KqHcNG2FMA8GA1Ud
        EwEB/wQFMAMBAf8wDQYJKoZIhvcNAQELBQADggEBAM/p23mGy3C1qrHXJrin+U3r
        haKewNH4npVGMNJafUR7PbkjHoCw8CDoGv6DddQSXqQHlvt/KyEKq/WgZmijM1n+
        Gf8vRpygMrOyXSefYjV44p0BazeWzYiiBBcg1p+jEsi4BYFY94HgdHNFImLE28SS
        wV0ozMFNQdGLeMUsR2Lue2WVpfewQinCLBDjdp9zm1BFN2KmcinoEa5gWv/oKm39
        YEUAmF5alotbPQ3gg1LVE9eVqjKDPo4O3aRTDdhQgR06Ta7P9YLoAyXk9nD7QjV+
        iIYRUZRaQoML4lHPovaQm4O+mZ4xIJUAwvKl66U+KNiOnd/8rS9Iw/V1jRVB8Ew=
        -----END CERTIFICATE-----

        """

    /// RSASSA-PSS, 2048 bits
    static let pssCertificate = """
        -----BEGIN CERTIFICATE-----
        MIIDZzCCAhqgAwIBAgIULlI79p0SBwjyQk7akc+x4cxJZGEwQgYJKoZIhvcNAQEK
        MDWgDzANBglghkgBZQMEAgEFAKEcMBoGCSqGSIb3DQEBCDANBglghkgBZQMEAgEF
        AKIEAgIA3jAOMQwwCgYDVQQDDANwc3MwIBcNMjYxMTIyMDIyMjM3WhgPMjEyNjEw
        MjkwMjIyMzdaMA4xDDAKBgNVBAMMA3BzczCCASAwCwYJKoZIhvcNAQEKA4IBDwAw
        ggEKAoIBAQDCoCtqPZhAZY/5VIhKGCdOHRhEmlCzjO+qV8CVUawP31fh0iP1tqFd
        gk0Vq9du+FHXxlWg0yvyL3VFp0OooX2FA/b3fR9x5HKIFDQP3YLwRQ6rDleEmsYL
        Q8XLWlmxqBM5Zvrz6sUqq0gMhuUjCu2Oj35qccDNNJjz9qx4+0Oe4YIF6JY2IjFS
        xQVZGxezWdt2KUVw2OrEt/uqhEX5aij/2/Qv2LUUdKQFZr8ErAEqhR7QtRGZwnOX
        A8xpkB1P7NC/urUdQx6fPrGEj39RP7m5erHxcTaIT8jLF+CeAdRCEQaYnsdJrlQo
        wBTyOudBH/C5Dm/253FLfWVznBugiWS/AgMBAAGjUzBRMB0GA1UdDgQWBBQlIypb
        BI3PUK2fBV2bT8I7MrUn3TAfBgNVHSMEGDAWgBQlIypbBI3PUK2fBV2bT8I7MrUn
        3TAPBgNVHRMBAf8EBTADAQH/MEIGCSqGSIb3DQEBCjA1oA8wDQYJYIZIAWUDBAIB
        BQChHDAaBgkqhkiG9w0BAQgwDQYJYIZIAWUDBAIBBQCiBAICAN4DggEBAAMU4I9g
        JRRwxAG8CWmv6kqGA4OASBc1jrqH45FvYfdlaAbYKAJQrsUtLTaDcW6AlNnV2zUI
        F7XSStoU8836XdmK1w341WwvZbAughyfgj5bzt+fGOpz+nW+kquSaLVDBE5tbOoy
        3ZK1z9bwg7bqcqtrDLEo3/2/v/BQ76am8lrKhz2972q2h3Y+SE8MZmQcYRPEkOhr
        C1MNfJ4L1/qD3pnG//uNwijEkeJfB+lB9tDV+cr88tYfeYbWQJ7wzX1bLWflWhuk
        gDTUEGfk/S6xiPOeZejGeZFcxF+wRYODwu0UGk78oyKY/C/0MUx/CgNJhJWDrhq7
        4fd5w+QlAuto4Do=
        -----END CERTIFICATE-----

        """

    /// P-256
    static let ellipticCertificate = """
        -----BEGIN CERTIFICATE-----
        MIIBdDCCARugAwIBAgIUb6sowBHzTU2uoVLfpizg6EZEkwEwCgYIKoZIzj0EAwIw
        DzENMAsGA1UEAwwEcDI1NjAgFw0yNjExMjIwMjIyMzdaGA8yMTI2MTAyOTAyMjIz
        N1owDzENMAsGA1UEAwwEcDI1NjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABJe4
        3iRGVXUVP/R1mQ5dGaFmRhuwtcFSttcCajN7/4LARASiVB39W/lazmNGXsHOme96
        rEX58jALIVk4a5VLsPijUzBRMB0GA1UdDgQWBBRdqWaCwg4KulcqHRfLcHhO9kS0
        ZjAfBgNVHSMEGDAWgBRdqWaCwg4KulcqHRfLcHhO9kS0ZjAPBgNVHRMBAf8EBTAD
        AQH/MAoGCCqGSM49BAMCA0cAMEQCIHwBa20FLF/Fv8mUtXM5/nJL2rn6ZkWiG/LI
        UgGvC5+LAiA6cJVbzn0hzFgj67kg9IwGLl2xkRQFfzYqbcYITH5qqA==
        -----END CERTIFICATE-----

        """

    /// secp256k1
    static let otherCurveCertificate = """
        -----BEGIN CERTIFICATE-----
        MIIBfTCCASKgAwIBAgIUbr3WkVOXDsgL4PKlIuOwNkrp2tkwCgYIKoZIzj0EAwIw
        FDESMBAGA1UEAwwJc2VjcDI1NmsxMCAXDTI2MTEyMjAyMjIzN1oYDzIxMjYxMDI5
        MDIyMjM3WjAUMRIwEAYDVQQDDAlzZWNwMjU2azEwVjAQBgcqhkjOPQIBBgUrgQQA
        CgNCAAT06CB8F9E2uOerdtcBs9ohHHf3GR32A0jCwg40V5yTQBOHtJwUp2e7qsKJ
        iQ1Ayn+VGQKt9crIYMS5egccOm6Ao1MwUTAdBgNVHQ4EFgQUc1fZA19p0XXcUF5T
        W9qcPakMwBEwHwYDVR0jBBgwFoAUc1fZA19p0XXcUF5TW9qcPakMwBEwDwYDVR0T
        AQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEAuO3s9N98FOLzBL2CwoXs4J3e
        bBNTHzwjB67G1vJxOTkCIQCYjhskbUHBQKrZwLX8wZhwtEs3s2idZKsIRtUjnx2g
        cg==
        -----END CERTIFICATE-----

        """

    /// Ed25519
    static let ed25519Certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBOjCB7aADAgECAhQA+gwE96XQSIle/U7zc8Zvh5bP3TAFBgMrZXAwEjEQMA4G
        A1UEAwwHZWQyNTUxOTAgFw0yNjExMjIwMjIyMzdaGA8yMTI2MTAyOTAyMjIzN1ow
        EjEQMA4GA1UEAwwHZWQyNTUxOTAqMAUGAytlcAMhAFwKBK25vrU9Ri8vBrMhCt8H
        5HGV56VqwJ9ffK6qe8emo1MwUTAdBgNVHQ4EFgQUS00qY7PziyxERb1UePavsPKW
        aCYwHwYDVR0jBBgwFoAUS00qY7PziyxERb1UePavsPKWaCYwDwYDVR0TAQH/BAUw
        AwEB/zAFBgMrZXADQQCxdr4apo44Mby0rfrT0ozJzBHPsVrHMkR+LmnRuQMPXW6Y
        OS9ry7GY7lpkeD9OkCypMbs646yHauwOCEGFUr8M
        -----END CERTIFICATE-----

        """

    /// Ed448
    static let ed448Certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBgjCCAQKgAwIBAgIUdEHe56cSsMm09vUEjYjckW587GkwBQYDK2VxMBAxDjAM
        BgNVBAMMBWVkNDQ4MCAXDTI2MTEyMjAyMjQxMVoYDzIxMjYxMDI5MDIyNDExWjAQ
        MQ4wDAYDVQQDDAVlZDQ0ODBDMAUGAytlcQM6ACcudxharV6V/nVX9nTMbbUSlU6O
        WQeQAvoR2Dfg/UT3b0p0dE5epNbL+F5P8z46r2Sf5hmchDZ4gKNTMFEwHQYDVR0O
        BBYEFIOC8OghJp8OZXsXcHG4Ge1sYchoMB8GA1UdIwQYMBaAFIOC8OghJp8OZXsX
        cHG4Ge1sYchoMA8GA1UdEwEB/wQFMAMBAf8wBQYDK2VxA3MAl+8kIEUkg4A3Dk4k
        bmCZ/2/qUhEROAfwuiJTzzCJ5sno1gBXP9XbENMYnPcJbNvRNHigThvaRpQA1MRr
        qg6mqsA/UTGQbp/2ws2SwFyRs/4StldbkFppIzMEHFhILL8cykBntWxrwVceVPU8
        qlYgXywA
        -----END CERTIFICATE-----

        """

    /// RSA, 1024 bits, PKCS #8
    static let weakKey = """
        -----BEGIN PRIVATE KEY-----
        MIICdQIBADANBgkqhkiG9w0BAQEFAASCAl8wggJbAgEAAoGBAJxpYGRl/hmggy/s
        uWQN3eRIvueIgK9Sste28vQsC33SrfF5XXJ7Y9IhNX6ad5kW6aBr6pl5xHQXPZDP
        5slwoFcNJcuuqfPf2rKipbKaAjOi36A4S7/7pTBzpVNec1QiOu9cLdJRDQPDkanS
        09+k7HrCaVOhaY8isN04RSzJVV7tAgMBAAECgYAJ5HxNPUop8sX5VP6QvnPHSXaR
        jEefTxqynAaXvOVpKtcHi8aGRBmXI7SPclOYIiPampi25kWvlfy12QBewznQzlZT
        IP1+/A2HAxnjL3aOsyZ8URp3Qb9J8rvNkahl3PT1cxVDGrEpuOsvrYM8Rg936hTO
        kqIumTZhhLLqAqCcAQJBAM/8UjzSgwQ831e0QZfsfzAWn8iABLj8TI0lJP36W0Cn
        u3sVcZfmE+cWbF0z3b4lGRJlMI60LT+bRlr0UGP77e0CQQDAhRli+vR/ry0dzUsg
        fLZhitdUQ4agcPQUlwOcEvjrxs9UW/6mPJbrjojToYC9mZ49xnV/PO8MdzBGOKsj
        iRUBAkBfdSBNeBTX2hRrzXiZgNrzOD8Hp/IC8RE1asnqo4BEUXeTy0jCfb++vSTp
        Ngfc4Gv8bGL37CwkWGDXF/DZouQVAkA3xFZePaOlePDwuQ8SEg4ioz1Mw2K0BwQt
        ErGQ/E3uvmBAZ4WUUejFwzwPUbEhOuaDroFKojP8wGnTbYblfEgBAkAUVst5Wz1u
        m1RFVW+JpRXNwqNPfsYnxqsvw/0PqGD2YY9PBBpAqzj0ZiwhIffVMZ7klkzijEbi
        gvRxynj/3eaa
        -----END PRIVATE KEY-----

        """

    /// RSA, 2048 bits, PKCS #8
    static let strongKey = """
        -----BEGIN PRIVATE KEY-----
        MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDWCTenQD5G/E/U
        gFT3zD06UFB6BDAz9E1hyYmGMYNOVZvs2kvQLaoeB0WtQcERKId4nB41ucvZLlPj
        wJbLWzJFQr0sylJdVh6o6lKgwaa09id4peQh8jBYDcZo1gVNIdtnHTMEjllfDwuB
        sNKwea3MRfMr/ihUsu79KFfFeTnkww192kNNpIRjnf+Jxd+l9zhskecscxNkogyJ
        fO2iQhcBFBIk4VGUMgq1DlBSEvT90RTc/EnhGiUb5XCPa64DV6SS0OF1aplJJEra
        FZRvd+Hs1J6vAE6cMrGVhYbHLuJPbi3pEV9hnuyoxRPioYW0hDxsDlbj1jxyAsha
        3Sjwf1bHAgMBAAECggEAE7pAw20j8FYEI6F6c2aDRDMv37cwHDHJyhgR0WkR4a/5
        UbDjKPp0ghUIgoobefHi3qaBEFGiLM/c0pKnM3Ih5Ylbt1ukkM7Fv6rtV7zRmT9Q
        7wlXSBuzAgKvBW2oim3y84OY9rQKH71awabjHHnyn2/ZFHZ2ECx346SKxnxAbkmy
        91POdR5jbBezj0ENsRR+dH18XGC0EZUNDP3Q+3vN7T0BgMB3uGgnmRzd4D+vesVY
        UmIoKb+3+7PUv6gT745j/AON5LM/VmadPiARBIFlG/br+tVmUU+422cNsgQ0xMys
        qgTcIzrhsfHg9l0INPJyJ6OtZkjhTZhFZizD6tXxKQKBgQDrvbQfckFN4amzmj7S
        KPaSn2YB5gyECgex3M5JD+a+1lrdpEvfLeV3aTc0QzhjWzCCkqri2lxOHL1hmB1l
        wiwfinrY2wrBup/2wqi/jQjVnDpARW5eC7GZwps0zgqYyyf1bRlSwHac5Zo9cGmG
        a2PU87unad0se1NJfGm/Ai3F2QKBgQDobgD7PQSN2tekEWfyl5am/SCryqAYClmn
        koSPXmLUEJPWHBnCoaMjNZz2whmUQ8QE1dtkRozxqE4pIvcUi2gvjhD/4g4hcOUZ
        NvbhXM+8DU0h7KiLGKvj7G6mQ+fBbq8M84CdOnKAgeXo2auGE/mO2/IZMkujIZ0q
        jhca3Zr9nwKBgEiXqSDJ2Sw3Yj+JLvEeZhdueEX7Zj0+rXHq0acT+3UmouJ/llGK
        W4/y2WoBjRqjWQPMUEz8+tGe7f5gjiTorxejWALxKJXRdzLQbJBXyLGmoxVpi/vv
        0+fKUmrnS8ITRSHBT7v4wk28MkvbEtOuvBY2W8HIyq/I5jPJ2PJVpGy5AoGBAKgl
        JHqcqtXAkq3zlaJvPaJyjpcZD/Y0TqWmnlVlb9OAZqLHU291JaLMH1B4HK8g0wa4
        e22wiDgujNS/ocVwEKAOg4fJznUsyeAS3kksrm+Zo8o9/bQa1gcePPH1QAy0eNjC
        s7GK3djPoDZyed6WRrytqxfFReiu4ZcukdJyrLR7AoGAck0hFkm0p/b4ZxD2C5NB
        ABuFKYGFH3JJsEkPFpORNdrQL7ybuTzl0GBeCa1NKApk95G2pfGZ02HS3kwio3nk
        iilOuLlaOLHJlR7fpur5NTzs1RoPi808nP0Gi7DLCNsVQ+NqVmOmm7IM38/hSAM3
        iAdCpDW2nlmG3rCxSUmyUOw=
        -----END PRIVATE KEY-----

        """

    /// RSA, 2048 bits, PKCS #1
    static let pkcs1Key = """
        -----BEGIN RSA PRIVATE KEY-----
        MIIEpQIBAAKCAQEAzepUbXq2/kULvsjvkgDlwPmXC7iVjVx/ACImEs2IJE7GvdTp
        YYHsJcTmnJfPheyMyVxuIVrAYtgWVZFaYLCT2QQjeBCv5hQIDTMP4NPgxJxXJuHK
        1bLgh2jJX+n2qnS6uOEuBrekbOm9VRSAd0QZ7pqCniilVOTRfELmFuwFcYEzxMyR
        98Ndrw9dks88E0yPRB0BXLenE4/YShq0b5zKB1TN6p6cbHWhgHLVxopQi0q8rTjQ
        mOMzmP8cp3zxnUWEiIwzfpIyQaU6oLBMJQimqpXGVBOYhp1SbYQe7CKtpIZxZj64
        hfqpVpJv8azm2G/ex9smQXAVmkYc8vnTSq12wwIDAQABAoIBACh1JI54IHE4BrU/
        DJcOtxWh1HQYmcWzCT7w9rMWD+w2UCUnKo2eddP76mWVDFCfaA/+KaNDDe69zzGT
        xAKgXwQyJHfoK29UuzpAsJt3db+biiIZFf3Dzgq842gFc5INKky97YmjVlqR2EHZ
        q94DEudHE2fYy5cw+BnmmQei6vTgV/0fBKLSQB6+2yx/8DZJe2+xFqyjLMhF/SFv
        SO6JAArA6Z8+uGEGa1Kk7bDc2w2i/j1wGSfvA439A8UImr857wxK/uXDGfgssmyW
        KKsVhlG1fAM0phLdk6OFroN8YGnJfhTJKM0zE5OUsG8mR+mNF+8gotVuhuUqmcwo
        kWQ5QYUCgYEA8mt9obCarei2nw28FQ0WSBRk9lFCST3ZUjixN+BvBzD64DhZaFFt
        mTGtHZRZ6jXH6DI3zu/5iC17vA+axbzXLYLvvRu6V9Md2hbVQZnwiDGf42RNjedf
        r8RFOTLL0SUvlO7evgsAbBJr/dM/VDEaCiny4zQyqj4Y+QK2noaQsx0CgYEA2XNV
        Ko2KYkctWusA3hNjrqeP6mfChF2V5AITTebYnk9/hrqGLsXGY0hgI9EodXlENOzq
        lq218GNC2QreaISESIYm7lqcxY+bmCP5DoPGK7Vu2V63ocxZIYfolR9SbgjKKiqW
        ygNLk+KoVEfJWmSsbukG47/8A4ROe1nVkgNPy18CgYEAo1uiDkpXAahXH/l+a+Uk
        xa/QlVgOxhJClzCS46d+yibMeDogrbZpl5ktIkitCrHxI1xr1SxLR+P2hLUzQ9rM
        WePpL9M2kCY48JUAYjOdLfna173osR5gka4+Q5wiUq6vULpjKUd6olkLosEu5Mot
        1PmNrmOnXKd55ptYep0Nd1UCgYEAw51pJBqoPrjhKET4Rs8SgW/jm280IXc+/BqR
        2yar/95sTntFcpYgXfgh5Jan2uX4YdQvRNWIMnRZEn8gjM2JYuSr6QhCt8b0pezW
        hCQvBer1iT4X28nE9NEafevrb2kg1MXzWE+Wkbb4zri1fkfKhwvCUufGgjNnlre9
        1Nh90+kCgYEAk448EvJcCENZXeVzhvm4GTUrNz07dxlqihl7B4vZHhDb02SoSsNH
        31zgYat1F4ioUQU4f8zPzuGiZJ0H8f+i97V6ZmK9HF4jEyobOi+9RHkM5ccl/GbU
        DWzRn1B8oFH9DWjcnHrRoAWvj2aomuOdQ9XIpz8LCTlMqA41u4Q31Zo=
        -----END RSA PRIVATE KEY-----

        """

    /// P-256 with its parameters before it, SEC 1
    static let ellipticKey = """
        -----BEGIN EC PARAMETERS-----
        BggqhkjOPQMBBw==
        -----END EC PARAMETERS-----
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEILojskqXro+JjgD+h3lhWy4Axkkd1vPb2yKZZ2EptuCvoAoGCCqGSM49
        AwEHoUQDQgAEl7jeJEZVdRU/9HWZDl0ZoWZGG7C1wVK21wJqM3v/gsBEBKJUHf1b
        +VrOY0Zewc6Z73qsRfnyMAshWThrlUuw+A==
        -----END EC PRIVATE KEY-----

        """

    /// P-256, PKCS #8
    static let ellipticPKCS8Key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQguiOySpeuj4mOAP6H
        eWFbLgDGSR3W89vbIplnYSm24K+hRANCAASXuN4kRlV1FT/0dZkOXRmhZkYbsLXB
        UrbXAmoze/+CwEQEolQd/Vv5Ws5jRl7BzpnveqxF+fIwCyFZOGuVS7D4
        -----END PRIVATE KEY-----

        """

    /// PKCS #8, password "x"
    static let encryptedKey = """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIIFLTBXBgkqhkiG9w0BBQ0wSjApBgkqhkiG9w0BBQwwHAQItGAnsGQYBrYCAggA
        MAwGCCqGSIb3DQIJBQAwHQYJYIZIAWUDBAEqBBDaLjIz4OeopANW/EN5fAluBIIE
        0DRJbYqwZ1DR5Cy2/IjOXeTaqqNzSWJUyolcWMY7on/sOzt5WXWfWoqrYqSTceAD
        yPri/PA59sAvbufabSgq+575hPGWg3ZjtDgapn7zXen2/rQA9uwwBtZQN4aGCDDy
        x8Vkb1+uc9dOCvvvnue517dPuWUsqhOiQ3PRI9QMqOiclPMaBtY/GMYEcygfNPse
        dGgG+Erl0GiQOLXaLHZTUMi64lq0+xo05njlLtwzz92UFscaIleXtouq5FJ8AQrN
        57a4LEdZ5dVdPVXffW4xzwMnXGfuPcoj84LvmnRxkOY+/1aAB5nTkxb8lqkhxftc
        qTFQWyrUUUvFXtBw4/+fXy7KZDpYRgRWUsJr+uSMEabFP5mJEfgjLLLsFzVLS4+A
        rBzp2ZcCJdAI3v63WUwBk4nYKCcyI41+t1b68FY7f6jddWqoOzJxgWRjXxhhEbWD
        QRCQ0LnUKgAeTGOkH6Ljp9wAfggGdKuFCaPPJYLL1sNgjbkObz+y0BjYP++6N2CI
        c/IoKcgbXAc0sWPBhvC6hrzCI+COAKfo/L4HzbSYgh+ekpIvKfj/xuxOE21uzOiV
        EI6omeZYyfc5rgMd8r28xB/kOfxcyNuuEzPfGMceWLB8JWuj3aMzHAM7+Rb4jyuP
        +79Ks5bL69xk/jf+6hElVFFrxi60l2gkO64hABhAVlD+67s7be+LgjTOZAPkIpYQ
        cXAIt8CreZb0OhFo2TYbrhbvzogleHjLIIwJICHv44YpXxVYRt0/G0ld38x41wdQ
        EH7tqultn7XA8s34zeMkCJhrRVsoNNg9NzAeMnfkm0XtZeLXIH/ag81ZOkw7xkS+
        QVA0HAdV32XWXTw0sL8FthxOTB8V+cOiOMds4viwgxVgCrBy+/1w/rvU6k++GBt0
        BNJmMaNnaQy+2UTr2+dM48Di8V5agGC7WPXTvBuVEoMhbcUE23DQmLgAfwGeYxqW
        paKglIJENa2Z+gaJLphgADVBisW5bynSUEgEqC5A8TZz52+z4OcJu3jNyk2Xeb6V
        1iF6ApDrzg04ncby/6SRTn62BHVFQ9UObv22OP21na1Ym3hka1q+WSpR0NBz6iEy
        hdfOX3wLPISyJsA6V35yu5dPN0i7OluPLlbVE33MHIEceKKf0G1XtSFWfyJAazLa
        i8nwHKT3vxCn8+KwiYXDuL4I/M969mGiPyNyaGbkbQgZKvlh/nqI6NA2wqKKaZOk
        6wu9NbImNTMCURPXvd0RAyg2UFNxWcp78b9+moO3ZqRkTlNqxFEZh+GH7lLnhBOp
        h0ZbNgPTCDKP3Nm5dgnF9bApl0IfYT/IwmPuoV9svR5U6wRSvE2RQwDHjlNXcy5m
        Hv8UaRkz96pqJJ0Vq2fdfldgVEbt+iTSb2LNkt7k21MmxeLn8mWDz2IUN00vTzJq
        GPzuWTQwaw7oxoIOyPZ9hUXq/fwCXS1qmdGoX1nPYA0oL1YDd9JVZAZA9ybrgGos
        jl0dGbvwzVeEmUyDr9aVv61h+TGU7cefwAfhaZ5uXejoRARKPFPhAXh1JEfQ6FBL
        +6Xst4eFhOHcYsa2is6c2VRoL4BAGc1XoCLAi31u7eljFceN3XqAI2pkMLjyHYzL
        KDF1cRCexuJHVi8wJLLko2fZt29dIVsrisBg87rANRbQ
        -----END ENCRYPTED PRIVATE KEY-----

        """

    /// PKCS #1 with RFC 1421 headers, password "x"
    static let encryptedPKCS1Key = """
        -----BEGIN RSA PRIVATE KEY-----
        Proc-Type: 4,ENCRYPTED
        DEK-Info: AES-128-CBC,BFCF1B5677D91AEDCCEC4A07D7666CBE

        94/VOEeUMgyYKLtUWbhRjocefpv+uXEedtHY/mnuPumVi92JTap8KT8PVhs1uQv7
        4zSvZ++QefHWOhXnXWR1KiqOinrXxnTOl5fIFAmU6jLsnQJ8Z966+6fPHoAxbCQg
        7NE8jn42FAHyzpnuB1wnX9pBpJOO85hPTi0dGpAVY5BE+mmiofplQxw/ANfQg5SP
        MyXbzneNKdkI/3KlVAIpP4zdqgn5NyLs7iNqYFORHmu7nMy7L75wuw/v06CgIzJK
        ufvdA6WEVLEMiKTxGcUfz9oXJT1Hqrji+r8+4lqNT0Uu5Bgo8nieilQ8L56ew498
        Lkm2jidVoUMIzQ2Zz5zNMYhs04hi2qzdOjwC/Bgwc/Z/5w+ZzNBxoxXtlNCfhBUy
        Wi7ZGGbcVqCYT1CDJKHkcQZKTIB333P2ShEnBeCeBdRQa98VUbCuofTBKdaLud/y
        Au5PZqf3wNWFEgzwCSF7/wvVu2opABnoFrXRkCYPLleZR7ad3TXrs+tPrcQJQeJD
        xmCTefp1CRncWeS0SK7jF93S/sj1BEuidWDA3EZNib2e8Ihks67yZd96dQmDSNOY
        5TAMOPsr19Ha6u7+tTpZiGinW33Bu9f4qKkFnu7KzUUX6bzRvdLmXbzTfGDpzELG
        D6xnyWjZobxC0H12wtA13bXca2ZZzLAohZ5DfqT1vZ4Alwr13vDDLrxFR97sJsKK
        VHq4Uf+2noMkkbevToSdZH7ttCiETA0MCmHCCRKOK3BqroPBML8BWEuQP/jXAgLf
        Vk8X1uzsseBqoK3HZC3bDZKRw6gGeOH+mDBdOXEeIvY15bs/2u9UBskEysMuOGu+
        -----END RSA PRIVATE KEY-----

        """
}
