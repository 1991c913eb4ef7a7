"""How columns and fields for people are headed, in many languages: what a word says about the value beside it.

All words are written plain: small letters, without accents and signs, as `plain` makes them."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from aqe_desktop.privacy.words import words

_LETTERS = str.maketrans({"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"})
_SIGNS = re.compile(r"[\W_]+")
_HUMPS = re.compile(r"(?<=[a-z\d])(?=[A-Z])")

FULL, PART, ROLE, BARE, WEAK, NONE = "full", "part", "role", "bare", "weak", ""
"""What a head says: a whole name, one of a person's names, a person, a name of anything, perhaps a person, nothing."""


@cache
def _full() -> frozenset[str]:
    """Heads of whole names, in one word."""
    return _plain_words(
        """
        fullname displayname legalname personname vollername vorundnachname vorundzuname vornamenachname
        nachnamevorname namevorname vornamename nomcomplet nomprenom nometprenom nomprenoms nometprenoms prenomnom
        prenometnom prenomsetnom nombrecompleto nombreapellidos nombreyapellidos nombreyapellido apellidosynombre
        apellidosnombre nomecognome nomeecognome cognomeenome cognomenome nominativo nomecompleto nomeesobrenome
        nomesobrenome nomeeapelido imieinazwisko imienazwisko nazwiskoiimie nazwiskoimie volledigenaam naamenvoornaam
        voorenachternaam voornaamenachternaam jmenoaprijmeni jmenoprijmeni prijmeniajmeno menoapriezvisko menopriezvisko
        imeprezime imeiprezime prezimeiime imepriimek imeinpriimek vardaspavarde vardasirpavarde vardsuzvards
        vardsunuzvards eesjaperekonnanimi nimijaperekonnanimi teljesnev numesiprenume numeprenume fuldenavn fulltnavn
        fulltnamn heltnavn fornavnogetternavn fornavnogefternavn fornamnochefternamn forochefternamn kokonimi
        etunimijasukunimi sukunimietunimi fulltnafn фио полноеимя имяифамилия фамилияиимя фамилияимя имяфамилия
        фамилияимяотчество фамилияио піб повнеімя прізвищетаімя прізвищеімя имеифамилия имеипрезиме имефамилия трите
        имена имеипрезиме атыжөні adsoyad adisoyadi adivesoyadi advesoyad adisoyad isimsoyisim isimsoyad adsoyisim
        hovaten hoten hotendem namalengkap namapenuh ชื่อนามสกุล ชื่อสกุล ชื่อและนามสกุล ชื่อเต็ม पूरानाम पूर्णनाम
        الاسمالكامل الاسمالثلاثي الاسمالرباعي الاسمواللقب الاسمواسمالعائلة نامونامخانوادگی نامکامل שםמלא שםושםמשפחה
        שםפרטיומשפחה ονοματεπωνυμο ονομακαιεπωνυμο 姓名 氏名 お名前 名前 フルネーム 本名 氏名漢字 氏名カナ 氏名かな
        フリガナ ふりがな 성명 이름 성함 고객명 환자명 사원명 직원명 담당자명 회원명 성명한글 真实姓名 中文名
        """
    )


@cache
def _part() -> frozenset[str]:
    """Heads of one of a person's names, in one word."""
    return _plain_words(
        """
        firstname lastname givenname familyname surname forename middlename secondname fname lname vorname vornamen
        nachname familienname zuname rufname geburtsname prenom prenoms nomdefamille nomfamille nomdenaissance
        nomdusage apellido apellidos primerapellido segundoapellido primernombre segundonombre nombres cognome
        sobrenome apelido apelidos imie imiona nazwisko voornaam achternaam tussenvoegsel familienaam prijmeni
        krestnijmeno krstnemeno priezvisko prezime priimek pavarde uzvards perekonnanimi eesnimi имя фамилия отчество
        прізвище імя побатькові презиме фамилноиме собственоиме soyad soyadi soyisim fornavn efternavn etternavn
        fornamn efternamn mellomnavn etunimi sukunimi keresztnev vezeteknev csaladnev utonev prenume numedefamilie
        ονομα επωνυμο πατρωνυμο 姓 名 氏 姓氏 名字 苗字 名字カナ セイ メイ 성 이름 lastnames firstnames maidenname
        givennames الاسمالأول الاسمالاول اسمالعائلة اللقب الاسمالأخير نامخانوادگی שםפרטי שםמשפחה पहलानाम
        उपनाम अंतिमनाम कुलनाम นามสกุล ho tendem namadepan namabelakang
        """
    )


@cache
def _roles() -> frozenset[str]:
    """Words for a person who has to do with the owner of a list."""
    return _plain_words(
        """
        patient customer client employee member student contact person guest attendee participant applicant candidate
        passenger tenant resident insured beneficiary nominee guardian spouse holder cardholder accountholder
        policyholder recipient teacher doctor physician nurse driver supervisor manager worker colleague invitee
        signatory witness pupil parent subscriber donor voter cardholdername requester borrower lender assignee
        patients customers clients employees members students contacts persons guests attendees participants
        patientin kunde kundin kunden mitarbeiter mitarbeiterin mitarbeiters mitarbeitername versicherter versicherte
        versicherten mieter mieterin antragsteller antragstellerin bewerber bewerberin ansprechpartner
        ansprechpartnerin kontaktperson teilnehmer teilnehmerin schuler schulerin lehrer lehrerin arzt arztin gast
        mitglied mitglieds kontoinhaber karteninhaber sachbearbeiter sachbearbeiterin empfanger empfangerin absender
        angestellter bearbeiter betreuer betreuerin patienten personen beschaftigter
        cliente clientes patiente employe salarie salariee locataire titulaire adherent eleve etudiant etudiante
        beneficiaire destinataire expediteur personne invite medecin assure conjoint candidat passager usager
        proprietaire interlocuteur abonne clients patients paciente pacientes empleado empleada alumno alumna
        estudiante titular contacto persona beneficiario destinatario remitente inquilino invitado participante
        trabajador trabajadora medico solicitante asegurado conyuge pasajero profesor profesora propietario paziente
        pazienti dipendente dipendenti studente alunno titolare intestatario contatto mittente ospite partecipante
        richiedente assicurato lavoratore candidato passeggero docente proprietario referente funcionario funcionaria
        empregado empregada aluno aluna estudante contato pessoa remetente convidado trabalhador colaborador
        requerente segurado passageiro professor professora klient klientka klienta pacjent pacjentka pacjenta
        pracownik pracownika pracownicy pracowniczka uczen uczennica osoba osoby kontakt odbiorca nadawca najemca
        gosc uczestnik lekarz czlonek wnioskodawca ubezpieczony posiadacz posiadacza wlasciciel kierowca nauczyciel
        kandydat klant medewerker werknemer leerling huurder contactpersoon persoon ontvanger afzender deelnemer arts
        aanvrager verzekerde kandidaat eigenaar rekeninghouder zakaznik zakaznika pacient pacienta zamestnanec
        zamestnance zamestnanca prijemce odesilatel najemce ucastnik lekar pojistenec majitel drzitel kund kunder
        anstalld ansatt ansatte medarbejder medarbeider elev hyresgast mottagare mottaker modtager avsandare avsender
        afsender gjest deltagare deltager deltaker lakare lege laege medlem innehavare asiakas asiakkaan potilas
        potilaan tyontekija tyontekijan opiskelija oppilas yhteyshenkilo henkilo vastaanottaja lahettaja jasen
        osallistuja vuokralainen ugyfel beteg paciens dolgozo munkavallalo alkalmazott hallgato diak kapcsolattarto
        szemely cimzett felado resztvevo berlo vasarlo clientului pacientului angajat angajatului persoana beneficiar
        destinatar expeditor chirias medic membru musteri musterinin hasta hastanin calisan calisanin personel
        ogrenci uye kisi alici gonderen kiraci misafir katilimci doktor yetkili sigortali basvuran
        клиент клиента пациент пациента пациенты сотрудник сотрудника сотрудники работник работника ученик студент
        контакт получатель получателя отправитель заказчик заказчика покупатель участник врач арендатор заявитель
        гость абонент клієнт клієнта пацієнт пацієнта працівник співробітник учень отримувач відправник учасник особа
        служител πελατης πελατη ασθενης ασθενη υπαλληλος υπαλληλου φοιτητης επαφη παραληπτης αποστολεας μελος
        εργαζομενος العميل المريض الموظف الطالب الزبون المستفيد المستلم المرسل الضيف الشخص العضو عميل مريض موظف
        طالب مشتری بیمار کارمند לקוח הלקוח מטופל המטופל עובד העובד תלמיד סטודנט ग्राहक मरीज रोगी कर्मचारी छात्र
        khachhang benhnhan nhanvien hocsinh sinhvien ลูกค้า ผู้ป่วย พนักงาน นักเรียน pelanggan pasien karyawan pegawai
        siswa mahasiswa nasabah 顧客 患者 社員 従業員 担当者 お客様 生徒 学生 会員 受取人 契約者 申込者 参加者 客户
        员工 員工 职员 联系人 聯絡人 收件人 发件人 会员 顾客 客戶 고객 환자 직원 사원 학생 회원 담당자 수령인
        참가자
        """
    )


@cache
def _names() -> frozenset[str]:
    """Words for a name, of a person or of a thing."""
    return _plain_words(
        """
        name names nom noms nombre nombres nome nomi nomes nazwa naam namen namn navn nimi nimet nev neve neven nume
        numele jmeno meno ime isim isimler ad adi имя название имени имена імя назва име ονομα اسم الاسم نام שם
        नाम ten ชื่อ nama nafn vardas vards 名 名前 이름 명
        """
    )


_STOP = words("of the de del della du des la le do da dos des der s von van the full d id")
_ENDS = (
    "name",
    "namen",
    "nom",
    "nombre",
    "nome",
    "namn",
    "navn",
    "naam",
    "姓名",
    "氏名",
    "名前",
    "성명",
    "이름",
    "성함",
)
_THINGS = words(
    """
    filename hostname classname productname companyname tablename columnname domainname projectname eventname
    servicename brandname cityname countryname teamname itemname username pathname typename keyname fieldname
    rolename groupname packagename firmenname produktname dateiname ortsname benutzername schoolname shipname
    bookname songname stationname hotelname nickname codename filenames rename pluginname modulename dbname
    appname varname tagname basename functionname methodname imagename bucketname clustername containername
    """
)
"""Heads with such an end that name things."""


@lru_cache(4096)
def plain(text: str) -> tuple[str, ...]:
    """The words of a head: camel humps parted, small letters, without accents."""
    parted = _HUMPS.sub(" ", text) if not text.isupper() else text
    if parted.isascii():
        return tuple(_SIGNS.sub(" ", parted.lower()).split())
    small = unicodedata.normalize("NFKD", parted.lower().translate(_LETTERS))
    bare = "".join(each for each in small if unicodedata.category(each) != "Mn")
    return tuple(_SIGNS.sub(" ", unicodedata.normalize("NFC", bare)).split())


@lru_cache(4096)
def said_by(head: str) -> str:
    """What the head of a column or field says about its values: one of the words above."""
    parts = plain(head)
    whole = "".join(parts)
    if not parts or len(parts) > 7:
        return NONE
    if whole in _full():
        return FULL
    if whole in _part():
        return PART
    if whole in _names():
        return BARE
    return _of_several(parts, whole)


def _of_several(parts: tuple[str, ...], whole: str) -> str:
    names, roles = _names(), _roles()
    content = [each for each in parts if each not in _STOP]
    ends = whole.endswith(_ENDS)
    if (ends or not names.isdisjoint(parts) or _joined(whole)) and _of_person(parts, content, whole):
        return FULL
    if content and (roles.issuperset(content) or "".join(content) in roles):
        return ROLE
    if len(parts) <= 4 and any(each in _part() and each not in names and len(each) > 2 for each in parts):
        return PART
    if ends and whole not in _THINGS and _THINGS.isdisjoint(parts):
        return WEAK
    return NONE


def _of_person(parts: tuple[str, ...], content: list[str], whole: str) -> bool:
    """Whether one of the words, or all that says no “name”, is one for a person."""
    rest = "".join(each for each in content if each not in _names())
    return not _roles().isdisjoint(parts) or rest in _roles() or _begins(whole)


def _begins(whole: str) -> bool:
    """Whether a head in one word begins with a person, as “kundenname” and “顧客氏名” do, or ends so, as in Thai."""
    return any(whole[:size] in _roles() for size in range(2, min(len(whole), 14))) or _joined(whole)


def _joined(whole: str) -> bool:
    """Whether a script without blanks joins a person and “name”."""
    if whole.isascii():
        return False
    return any(
        (whole[:size] in _names() and whole[size:] in _roles())
        or (whole[:size] in _roles() and whole[size:] in _names())
        for size in range(1, len(whole))
    )


def _plain_words(text: str) -> frozenset[str]:
    return frozenset("".join(plain(each)) for each in text.split())
